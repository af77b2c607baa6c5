#pragma once
/// A scenario as its author wrote it: names, values, units, lines. Lives while compiling.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/calendar.h"
#include "base/diagnostics.h"
#include "scenario/effect.h"
#include "scenario/schema.h"
#include "scenario/value.h"

namespace fabcast {

/// One `key = value` line, read as its schema row asks.
struct Setting {
  std::string key;              ///< as written: "plan", "bin.full"
  const KeyRow* row = nullptr;  ///< its declaration
  std::string raw;  ///< the value as written, white space folded; a bare number with its unit
  SourcePosition key_at, value_at;
  bool is_default = false;                 ///< from the schema, nobody wrote it
  bool cut_low = false, cut_high = false;  ///< the key's range cuts what reaches out of it

  /// What the row's kind asks for:
  ///   path, scalar, count, constant, group: Value;  choice: index into row->choices();  flag: bool
  ///   as 0 or 1; month: Month;  text: std::string;  reference: one name;  list: names in order;
  ///   effects: EffectSpec.
  std::variant<std::monostate, Value, int, Month, std::string, std::vector<std::string>, EffectSpec>
      value;
  std::optional<Period> when;        ///< behind `in` or `at`, where the row asks for it
  std::vector<std::string> sources;  ///< ids named by @, whatever the kind
  std::vector<SourcePosition> source_places;

  const Value& number() const { return std::get<Value>(value); }
  /// The numbers in it: one, those of an effect, or none.
  std::vector<const Value*> numbers() const;
  /// The unit or units that the numbers in `raw` bear.
  std::string unit() const;
};

/// One section, merged over the files that extend one another.
struct Section {
  const SectionRow* row = nullptr;
  std::string entity;  ///< "SN2", "SN2.immersion"; empty for [scenario]
  SourcePosition at;
  std::vector<Setting>
      settings;  ///< in schema order, defaults included, absent optional keys left out

  std::string name() const;                         ///< "fab.SN2"
  const Setting* find(std::string_view key) const;  ///< nullptr where absent
};

/// A group of mutually exclusive positions; weights normalised.
struct ViewGroup {
  std::string name;  ///< "" for [view], "node" for [view.node]
  SourcePosition at;
  std::vector<std::string> views;
  std::vector<double> weights;
  std::vector<SourcePosition> places;
};

/// fab.SN1.plan ~ fab.SN2.plan = 0.7
struct CorrelationSpec {
  std::string first, second;  ///< full keys
  double r;
  SourcePosition at;
};

enum class Comparison { at_least, at_most, above, below };
enum class QuestionTime { by, at };

/// name = variable [entity] >= value [unit] [by|at date]
struct QuestionSpec {
  std::string name;
  std::string variable;  ///< "npus.deployed"
  std::string entity;    ///< empty: the variable's default entity
  Comparison comparison = Comparison::at_least;
  double value = 0;  ///< in the unit as written; run/outputs converts and checks it
  std::string unit;  ///< as written, may be empty
  QuestionTime time = QuestionTime::by;
  Period period;            ///< by: its last month counts; without a date: the run's last month
  std::string text;         ///< as written, white space folded
  SourcePosition at;        ///< of the question's name
  SourcePosition value_at;  ///< of the right-hand side
};

/// variable [entity] period = value [unit] +- error
struct ObservationSpec {
  std::string name;  ///< as written: "npus.shipped ascend 2025"
  std::string variable, entity;
  Period period;
  double value = 0;  ///< in the unit as written
  std::string unit;  ///< as written, may be empty
  double relative_error = 0;
  std::string observer;  ///< whose numbers share one error
  std::vector<std::string> sources;
  std::string text;  ///< the right-hand side as written, white space folded
  SourcePosition at, value_at;
};

struct SourceSpec {
  std::string id;
  SourcePosition at;
  std::map<std::string, std::string> fields;  ///< title, publisher, date, url, note, trust
};

/// One file that was read.
struct FileRead {
  std::string path;  ///< as shown to the user
  std::string text;
  int file = -1;  ///< as SourcePosition::file
};

/// A key or a whole section that what stands in a later file puts out of use.
struct LeftOut {
  std::string name;  ///< "die.ascend950.area", "claim.SN2.kirin"
  SourcePosition at;
  std::string reason;  ///< "[die.ascend950] gives 'width'"
  SourcePosition by;   ///< of what put it out of use
};

struct ScenarioSpec {
  std::string name;  ///< file name without folder and .scn
  std::string title;
  bool title_is_inherited = false;  ///< of another file, whose world this one changes
  Month first, last;                ///< both simulated
  std::vector<Section> sections;    ///< ordered by schema row, then by entity's first appearance
  std::vector<ViewGroup> views;
  std::vector<CorrelationSpec> correlations;  ///< ordered by names, first < second
  std::vector<QuestionSpec> questions;
  std::vector<ObservationSpec> observations;
  std::vector<SourceSpec> sources;
  std::vector<FileRead> files;  ///< base first, the file itself last, then "--set"
  std::vector<LeftOut> left_out;

  /// Sections of one kind in order.
  std::vector<const Section*> of(std::string_view kind) const;
  const Section* find(std::string_view kind, std::string_view entity) const;
  /// Place of a file in the order in which files override one another.
  int rank(int file) const;
  /// What put a key ("fab.SN2.plan"), or the section that it was of, out of use; nullptr where
  /// nothing did.
  const LeftOut* why_left_out(std::string_view full_key) const;
};

}  // namespace fabcast
