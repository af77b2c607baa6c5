#pragma once
/// Sections that carry no keys of the schema: views, correlations, questions, sources.

#include "scenario/chain.h"
#include "scenario/spec.h"

namespace fabcast {

/// [view] and [view.NAME]: weights, normalised within each group. A view's name stands once over
/// all groups: the file that first gives it says in which. Of `spec`, the order of the files.
std::vector<ViewGroup> read_views(const MergedSections& merged, const ScenarioSpec& spec,
                                  Diagnostics& diagnostics);

/// [correlate]: pairs in alphabetical order. That their keys exist and vary is checked against
/// `spec.sections`; a pair of which a later file makes one key certain, or puts it out of use, is
/// noted in `spec.left_out`.
std::vector<CorrelationSpec> read_correlations(const MergedSections& merged, ScenarioSpec& spec,
                                               Diagnostics& diagnostics);

/// [question]. That its date lies within the months is checked against `spec`.
std::vector<QuestionSpec> read_questions(const MergedSections& merged, const ScenarioSpec& spec,
                                         Diagnostics& diagnostics);

/// One question; `last`: the last month of the run, by which one without a date is asked.
std::optional<QuestionSpec> read_question(const KeyLine& line, Month last,
                                          Diagnostics& diagnostics);

/// ">=", "<=", ">" or "<".
std::string_view sign_of(Comparison comparison);

/// [source.ID].
std::vector<SourceSpec> read_sources(const MergedSections& merged, Diagnostics& diagnostics);

/// Fields of a [source.ID].
std::span<const std::string_view> source_fields();

}  // namespace fabcast
