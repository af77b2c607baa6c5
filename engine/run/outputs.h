#pragma once
/// What a run reports: one row a variable (outputs.cc). A variable has a series for each of its
/// entities; a series is a sum of block rows, or a ratio of two.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/compile.h"
#include "results/run_result.h"

namespace fabcast {

/// How months make a quarter or a year.
enum class OutputKind {
  flow,   ///< sum over the period
  stock,  ///< at the period's end (with a denominator: the ratio at the end)
  rate,   ///< sum of the numerator over sum of the denominator: the flow-weighted mean
  level   ///< mean over the period's months
};

struct Term {
  int row;  ///< of the trial block
  double factor;
};

struct Series {
  int variable;        ///< index into output_variables()
  std::string entity;  ///< "SN2", "ascend", "national"
  std::vector<Term> numerator;
  std::vector<Term> denominator;  ///< ratios only
};

class SeriesBuilder;

struct OutputVariable {
  std::string_view name;  ///< "wafer.starts"
  OutputKind kind;
  Dimension dimension;
  std::string_view unit;  ///< of that dimension: in which values are reported
  std::string_view meaning;
  std::string_view entities;  ///< "fab, national"
  void (*series)(SeriesBuilder&);
};

std::span<const OutputVariable> output_variables();
const OutputVariable* find_variable(std::string_view name);

/// All series of a compiled scenario, in the order of the table.
std::vector<Series> output_series(const Compiled& compiled);

/// The series of "variable entity", or "variable" alone: its national total, else its only entity.
/// -1 where there is none.
int find_series(std::span<const Series> series, std::string_view variable, std::string_view entity);

/// A value written in any unit of the variable's dimension, or in none, in the variable's own unit;
/// nothing where the unit does not fit.
std::optional<double> in_unit_of(const OutputVariable& variable, double value,
                                 std::string_view unit);

/// All variables with what a quarter or a year tells of their months, for reports.
std::vector<VariableMeaning> variable_meanings();

/// What a variable means, for `explain`; "" where there is none of that name.
std::string explain_variable(std::string_view name);

/// The table of variables for `list variables` and the documentation.
std::string variables_text(bool markdown);

}  // namespace fabcast
