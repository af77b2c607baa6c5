#pragma once
/// What the sections of the page have in common: tables by what they are of, words for variables,
/// numbers with units, HTML tables, places for charts.

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "report/page/markup.h"
#include "results/run_result.h"

namespace fabcast::page {

using Json = nlohmann::ordered_json;
using Row = std::vector<Cell>;
using Names = std::vector<std::string>;

/// What a series is of.
struct SeriesName {
  std::string variable, entity;
  bool operator<(const SeriesName& other) const {
    return std::tie(variable, entity) < std::tie(other.variable, other.entity);
  }
  bool operator==(const SeriesName& other) const = default;
};

bool is_year(std::string_view period);     ///< "2027"
bool is_quarter(std::string_view period);  ///< "2027Q3"
bool is_month(std::string_view period);    ///< "2027-03"

/// Adds a name where it is not there yet.
void add_once(Names& names, const std::string& name);

/// A number for the page's charts: 5 significant digits, null where there is none.
Json number_of(double value);

/// "1.48M", of a share "17.5 %", "–" where there is none.
std::string value_text(double value, std::string_view unit);
/// The same with its unit after it: "1.48M npus".
std::string with_unit(double value, std::string_view unit);
/// A chance: "3.8 %"; "< 0.1 %" and "> 99.9 %" where it is neither 0 nor 1.
std::string chance_text(double probability);

class Report {
 public:
  explicit Report(const RunResult& from);
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  const RunResult& result;
  Names scenarios;                   ///< in the order of the summary
  std::vector<SeriesName> headline;  ///< those of which the summary has something

  /// Rows of the summary, in the order of its periods; none: empty.
  const std::vector<const Row*>& summary(const std::string& scenario,
                                         const SeriesName& series) const;
  /// A column of a row of the summary.
  double statistic(const Row& row, std::string_view column) const;
  const std::string& period(const Row& row) const;
  std::string unit(const SeriesName& series) const;
  /// All series of a variable in the summary.
  std::vector<SeriesName> series_of(const std::string& variable) const;

  /// A further table, nullptr where it was not asked for.
  const Table* further(std::string_view name) const;

  /// "NPUs shipped, ascend950pr"
  std::string label(const SeriesName& series) const;
  /// What a variable means, in a few words; its name where nothing is known of it.
  std::string words(const std::string& variable) const;
  /// "sum over the period"; "" where nothing is known.
  std::string of_a_period(const std::string& variable) const;
  /// A scenario's title, its name where it has none.
  std::string title_of(const std::string& scenario) const;

  /// The place of a chart: a figure that the page's script fills from `data`, with its caption and,
  /// below it, the same numbers as a table behind "Data". `kind`: which of the script's drawings.
  Markup figure(const char* kind, const Json& data, const Markup& caption, const Markup& table);
  /// What the charts are drawn from, by kind.
  const Json& data() const { return data_; }

 private:
  std::map<std::string, std::map<SeriesName, std::vector<const Row*>>> summary_;
  std::map<std::string, size_t, std::less<>> columns_;
  std::map<std::string, const VariableMeaning*> variables_;
  std::vector<SeriesName> order_;
  Json data_ = Json::object();
};

/// A table's column on the page.
struct Head {
  std::string name;
  bool is_number = true;  ///< set right, in figures of one width
};

/// A table with its caption, its head, and the first cell of each row as the row's head.
Markup table(const Markup& caption, const std::vector<Head>& heads,
             const std::vector<std::vector<Markup>>& rows, const char* kind = "");

/// A row of such a table.
Markup table_row(const std::vector<Head>& heads, const std::vector<Markup>& cells);
/// A table whose rows stand in several bodies.
Markup table_of_groups(const Markup& caption, const std::vector<Head>& heads, const Markup& groups,
                       const char* kind);

/// What may be opened.
Markup details(const std::string& summary, const Markup& inside);

/// A table of results as it is, its columns' meanings behind it; the rest of a long one is told.
/// `heading`: what stands above a column in place of its name.
Markup whole_table(const Table& from, const std::string& caption, size_t most_rows = 300,
                   const std::function<std::string(size_t column)>& heading = {});

Markup paragraph(std::string_view words);
Markup code(std::string_view words);

/// A part of the page: none where its body is empty.
struct Section {
  const char* id;
  const char* title;
  Markup body;
};

}  // namespace fabcast::page
