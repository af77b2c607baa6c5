#include "report/saved.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/csv_reader.h"
#include "base/diagnostics.h"
#include "report/csv.h"
#include "report/directory.h"
#include "results/json.h"

namespace fabcast {

namespace {

using Json = nlohmann::ordered_json;

std::string file_text(const std::string& path) {
  const auto fail = [&](const std::string& reason) {
    throw IoError(fmt::format("cannot read '{}': {}", escaped(path, 200), reason));
  };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) fail(std::strerror(errno));
  struct Closing {
    int file;
    ~Closing() { close(file); }
  } const closing{file};
  struct stat status {};
  if (fstat(file, &status) != 0) fail(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) fail("it is no regular file");
  std::string text;
  std::array<char, 1 << 16> buffer;
  while (true) {
    const ssize_t count = read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(std::strerror(errno));
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(count));
    if (text.size() > most_result_bytes) fail("it has more than 1 GiB");
  }
}

constexpr const char* run_again = "run it again with this version";

/// A table as run.json tells of it, before its rows are read.
struct Described {
  Table table;
  size_t rows = 0;
  std::vector<Content> holds;  ///< by column
};

Described described(const Json& json) {
  Described told;
  told.table.name = json.at("name").get<std::string>();
  told.rows = json.at("rows").get<size_t>();
  for (const Json& column : json.at("columns")) {
    told.table.columns.push_back(
        {column.at("name").get<std::string>(), column.at("meaning").get<std::string>()});
    const std::string holds = column.at("holds").get<std::string>();
    Content content = Content::none;
    for (const Content each :
         {Content::texts, Content::numbers, Content::whole_numbers, Content::texts_and_numbers}) {
      if (content_name(each) == holds) content = each;
    }
    told.holds.push_back(content);
  }
  return told;
}

Provenance provenance_in(const Json& json) {
  Provenance from;
  from.version = json.at("version").get<std::string>();
  from.build = json.at("build").get<std::string>();
  from.command = json.at("command").get<std::string>();
  from.scenario = json.at("scenario").get<std::string>();
  from.title = json.at("title").get<std::string>();
  const std::string months = json.at("months").get<std::string>();
  constexpr std::string_view between = " .. ";
  const size_t middle = std::min(months.find(between), months.size());
  from.first_month = months.substr(0, middle);
  from.last_month = months.substr(std::min(middle + between.size(), months.size()));
  for (const Json& file : json.at("files")) {
    from.files.emplace_back(file.at("path").get<std::string>(), file.at("text").get<std::string>());
  }
  from.scenario_text = json.at("scenario_text").get<std::string>();
  from.scenario_sha256 = json.at("scenario_sha256").get<std::string>();
  from.seed = json.at("seed").get<uint64_t>();
  from.trials = json.at("trials").get<uint64_t>();
  from.sampler = json.at("sampler").get<std::string>();
  from.replicates = json.value("replicates", uint64_t{1});
  from.quantiles = json.value("quantiles", from.quantiles);
  from.stream_version = json.at("stream_version").get<int>();
  from.threads = json.at("threads").get<int>();
  from.host_cpu = json.at("host_cpu").get<std::string>();
  from.seconds = json.at("seconds").get<double>();
  for (const auto& [phase, seconds] : json.at("seconds_by_phase").items()) {
    from.seconds_by_phase.emplace_back(phase, seconds.get<double>());
  }
  for (const Json& variable : json.at("report").at("variables")) {
    from.variables.push_back({variable.at("name").get<std::string>(),
                              variable.at("unit").get<std::string>(),
                              variable.at("meaning").get<std::string>()});
  }
  return from;
}

std::vector<ComparedMeasure> measures_in(const Json& json) {
  std::vector<ComparedMeasure> measures;
  for (const Json& measure : json) {
    measures.push_back(
        {measure.at("variable").get<std::string>(), measure.at("entity").get<std::string>(),
         measure.at("unit").get<std::string>(), measure.at("period").get<std::string>()});
  }
  return measures;
}

Compared compared_in(const Json& json) {
  Compared compared;
  compared.measures = measures_in(json.at("measures"));
  for (const Json& scenario : json.at("scenarios")) {
    ComparedScenario read{
        scenario.at("name").get<std::string>(), scenario.at("title").get<std::string>(), {}};
    for (const Json& value : scenario.at("values")) {
      read.values.push_back({number_of(value.at("value")), number_of(value.at("difference")),
                             number_of(value.at("half_interval")),
                             value.at("text").get<std::string>()});
    }
    compared.scenarios.push_back(std::move(read));
  }
  return compared;
}

/// All but the tables.
RunResult result_in(const Json& json) {
  RunResult result;
  result.provenance = provenance_in(json);
  const Json& report = json.at("report");
  for (const Json& headline : report.at("headline")) {
    result.headline.emplace_back(headline.at("variable").get<std::string>(),
                                 headline.at("entity").get<std::string>());
  }
  result.headline_products = report.at("products").get<std::vector<std::string>>();
  result.effective_trials = number_of(report.at("effective_trials"));
  result.weighted = report.at("weighted").get<bool>();
  result.warnings = report.at("warnings").get<std::vector<std::string>>();
  for (const Json& view : report.at("views")) {
    result.views.push_back({view.at("group").get<std::string>(), view.at("view").get<std::string>(),
                            number_of(view.at("weight")), number_of(view.at("share"))});
  }
  for (const Json& wafer : report.at("wafers")) {
    result.wafers.push_back(
        {wafer.at("scenario").get<std::string>(), wafer.at("die").get<std::string>(),
         number_of(wafer.at("width_mm")), number_of(wafer.at("height_mm")),
         wafer.at("square").get<bool>(), number_of(wafer.at("wafer_mm")),
         number_of(wafer.at("edge_exclusion_mm")), number_of(wafer.at("scribe_mm")),
         number_of(wafer.at("notch_mm")), wafer.at("reticle_aligned").get<bool>()});
  }
  if (json.contains("precision")) {
    const Json& precision = json.at("precision");
    result.most_trials = precision.at("most_trials").get<uint64_t>();
    for (const Json& each : precision.at("statistics")) {
      result.precision.push_back(reached_precision_of(each));
    }
  }
  if (report.contains("swept")) {
    const Json& swept = report.at("swept");
    result.swept.keys = swept.at("keys").get<std::vector<std::string>>();
    result.swept.units = swept.at("units").get<std::vector<std::string>>();
    result.swept.scenarios = swept.at("scenarios").get<std::vector<std::string>>();
    result.swept.points = swept.at("points").get<size_t>();
    result.swept.measures = measures_in(swept.at("measures"));
  }
  if (report.contains("compared")) result.compared = compared_in(report.at("compared"));
  return result;
}

/// The number that a whole cell is, as csv_number and whole numbers are written.
template <class Number>
std::optional<Number> number_in_cell(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  if constexpr (std::is_same_v<Number, double>) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  return value;
}

Cell read_cell(const CsvCell& cell, Content holds, Diagnostics& diagnostics) {
  if (cell.text.empty()) return {};
  if (holds == Content::texts) return std::string(csv_unguarded(cell.text));
  if (holds == Content::whole_numbers) {
    if (const auto whole = number_in_cell<long long>(cell.text)) return *whole;
    diagnostics.error(cell.at, "a whole number is expected", run_again);
    return {};
  }
  const auto number = number_in_cell<double>(cell.text);
  if (number) return *number;
  if (holds == Content::texts_and_numbers) return std::string(csv_unguarded(cell.text));
  diagnostics.error(
      cell.at,
      holds == Content::none ? "run.json says that this column is empty" : "a number is expected",
      run_again);
  return {};
}

/// More mistakes than these tell no more.
constexpr size_t most_mistakes = 20;

/// Fills in the rows of a table from the text of its file.
void read_rows(Described& told, int file, const std::string& text, Diagnostics& diagnostics) {
  const auto records = read_csv(file, text, diagnostics);
  const std::vector<Column>& columns = told.table.columns;
  const bool is_header =
      !records.empty() && std::equal(records[0].begin(), records[0].end(), columns.begin(),
                                     columns.end(), [](const CsvCell& cell, const Column& column) {
                                       return csv_unguarded(cell.text) == column.name;
                                     });
  if (!is_header) {
    diagnostics.error({file, 1, 1}, "the columns are not those that run.json names", run_again);
    return;
  }
  if (records.size() - 1 != told.rows) {
    diagnostics.error(
        {file, 0, 0},
        fmt::format("it has {} rows, and run.json says {}", records.size() - 1, told.rows),
        run_again);
  }
  told.table.rows.reserve(records.size() - 1);
  for (size_t r = 1; r < records.size() && diagnostics.count() < most_mistakes; ++r) {
    const auto& record = records[r];
    if (record.size() != columns.size()) {
      diagnostics.error(record[0].at,
                        fmt::format("{} cells, and {} columns", record.size(), columns.size()),
                        run_again);
      continue;
    }
    std::vector<Cell> row;
    row.reserve(record.size());
    for (size_t c = 0; c < record.size(); ++c) {
      row.push_back(read_cell(record[c], told.holds[c], diagnostics));
    }
    told.table.rows.push_back(std::move(row));
  }
}

/// The members of RunResult that are tables, by the tables' names.
Table* member_of(RunResult& result, const std::string& name) {
  const std::array<std::pair<const char*, Table*>, 7> members{
      std::pair{"summary", &result.summary},       {"binding", &result.binding},
      std::pair{"questions", &result.questions},   {"crossings", &result.crossings},
      std::pair{"exceedance", &result.exceedance}, {"inputs", &result.inputs},
      std::pair{"sources", &result.sources}};
  for (const auto& [member, table] : members) {
    if (member == name) return table;
  }
  return nullptr;
}

/// The place of a byte in a text.
SourcePosition place_of(int file, std::string_view text, size_t byte) {
  SourcePosition at{file, 1, 1};
  for (size_t i = 0; i + 1 < std::min(byte, text.size() + 1); ++i) {
    if (text[i] == '\n') {
      ++at.line;
      at.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++at.column;
    }
  }
  return at;
}

Json parsed(int file, const std::string& text, Diagnostics& diagnostics) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    diagnostics.error(place_of(file, text, error.byte), "this is no JSON from here on", run_again);
  }
  diagnostics.throw_if_any();
  return {};
}

}  // namespace

RunResult read_results(const std::string& directory) {
  Diagnostics diagnostics;
  const std::string run_path = directory + "/run.json";
  const std::string run_text = file_text(run_path);
  const int run_file = diagnostics.add_file(run_path, run_text);
  const Json json = parsed(run_file, run_text, diagnostics);
  RunResult result;
  std::vector<Described> tables;
  try {
    if (json.contains("shard")) {
      diagnostics.error({run_file, 0, 0},
                        fmt::format("it is of shard {} of a run, which has no results of its own",
                                    escaped(json.at("shard").get<std::string>())),
                        "join all shards: fabcast merge DIR… --out DIR");
      diagnostics.throw_if_any();
    }
    result = result_in(json);
    for (const Json& table : json.at("report").at("tables")) tables.push_back(described(table));
  } catch (const Json::exception& error) {
    // "[json.exception.out_of_range.403] key 'report' not found"
    const std::string_view what = error.what();
    diagnostics.error({run_file, 0, 0},
                      fmt::format("it is not as this version writes it: {}",
                                  what.substr(std::min(what.find("] ") + 2, what.size()))),
                      run_again);
  }
  diagnostics.throw_if_any();

  std::set<std::string> seen;
  for (Described& told : tables) {
    const std::string name = told.table.name + ".csv";
    // A path of someone else's making must not be opened.
    if (!is_file_of_run(name) || !seen.insert(name).second) {
      diagnostics.error(
          {run_file, 0, 0},
          fmt::format("'{}' is no table of a run, or is named twice", escaped(told.table.name)),
          run_again);
      continue;
    }
    const std::string path = fmt::format("{}/{}", directory, name), text = file_text(path);
    read_rows(told, diagnostics.add_file(path, text), text, diagnostics);
    if (diagnostics.count() >= most_mistakes) break;
    Table* member = member_of(result, told.table.name);
    (member ? *member : result.further.emplace_back()) = std::move(told.table);
  }
  diagnostics.throw_if_any();
  return result;
}

namespace {

/// Columns that name scenarios.
constexpr std::array<std::string_view, 2> scenario_columns{"scenario", "base"};

/// Calls `visit` with each cell that names a scenario.
template <class Visit>
void each_scenario(RunResult& result, Visit visit) {
  std::vector<Table*> tables{&result.summary,   &result.binding,    &result.questions,
                             &result.crossings, &result.exceedance, &result.inputs};
  for (Table& table : result.further) tables.push_back(&table);
  for (Table* table : tables) {
    for (size_t c = 0; c < table->columns.size(); ++c) {
      const std::string& name = table->columns[c].name;
      if (std::find(scenario_columns.begin(), scenario_columns.end(), name) ==
          scenario_columns.end()) {
        continue;
      }
      for (auto& row : table->rows) {
        if (std::string* text = std::get_if<std::string>(&row[c])) visit(*text);
      }
    }
  }
  for (WaferFigure& wafer : result.wafers) visit(wafer.scenario);
  for (ComparedScenario& scenario : result.compared.scenarios) visit(scenario.name);
  for (std::string& scenario : result.swept.scenarios) visit(scenario);
}

/// Scenarios of a run in the order of its tables.
std::vector<std::string> scenarios_of_run(RunResult& result) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  each_scenario(result, [&](const std::string& name) {
    if (seen.insert(name).second) names.push_back(name);
  });
  return names;
}

void rename_alike(std::vector<RunResult>& results, const std::vector<std::string>& directories) {
  std::map<std::string, size_t> runs_of;  // by scenario
  for (RunResult& result : results) {
    for (const std::string& name : scenarios_of_run(result)) ++runs_of[name];
  }
  for (size_t r = 0; r < results.size(); ++r) {
    const auto rename = [&](std::string& name) {
      if (runs_of[name] > 1) name = fmt::format("{} ({})", name, directories[r]);
    };
    each_scenario(results[r], rename);
    for (ReachedPrecision& reached : results[r].precision) {
      if (runs_of.contains(reached.scenario)) {
        rename(reached.scenario);
      } else {  // "point 3 of baseline (KEY = VALUE)"
        reached.scenario += fmt::format(", {}", directories[r]);
      }
    }
  }
}

/// Rows of a run below those that are there.
void add_tables(RunResult&& more, RunResult& joined) {
  for (auto member : {&RunResult::summary, &RunResult::binding, &RunResult::questions,
                      &RunResult::crossings, &RunResult::exceedance, &RunResult::inputs}) {
    append(std::move(more.*member), joined.*member);
  }
  if (joined.sources.columns.empty()) {
    joined.sources = std::move(more.sources);
  } else {
    for (auto& row : more.sources.rows) {
      auto& rows = joined.sources.rows;
      if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(std::move(row));
    }
  }
  for (Table& table : more.further) {
    const auto same = std::find_if(joined.further.begin(), joined.further.end(),
                                   [&](const Table& has) { return has.name == table.name; });
    if (same == joined.further.end()) {
      joined.further.push_back(std::move(table));
    } else {
      append(std::move(table), *same);
    }
  }
}

/// Adds what is not there yet.
template <class Value>
void add_new(std::vector<Value>&& more, std::vector<Value>& all) {
  for (Value& value : more) {
    if (std::find(all.begin(), all.end(), value) == all.end()) all.push_back(std::move(value));
  }
}

}  // namespace

RunResult joined_results(std::vector<RunResult> results,
                         const std::vector<std::string>& directories) {
  rename_alike(results, directories);
  Table runs{"runs",
             {{"directory", "Where its results lie"},
              {"scenario", "Scenarios of the run, as its files name them"},
              {"named", "The same as this report names them"},
              {"title", "Title of the (first) scenario"},
              {"version", "Version of fabcast"},
              {"command", "As typed"},
              {"seed", "Of all draws"},
              {"trials", "Histories simulated"},
              {"trials_that_count", "Of those: fewer where they are weighted by what was observed"},
              {"scenario_sha256", "SHA-256 of the resolved scenario's text, which run.json has"}},
             {}};
  RunResult joined;
  const auto sweeps = std::count_if(results.begin(), results.end(), [](const RunResult& result) {
    return result.swept.points > 0;
  });
  Provenance& all = joined.provenance;
  for (size_t r = 0; r < results.size(); ++r) {
    RunResult& more = results[r];
    const Provenance& from = more.provenance;
    RunPart part{directories[r], scenarios_of_run(more), {}, {}};
    runs.rows.push_back(
        {directories[r], from.scenario, fmt::format("{}", fmt::join(part.scenarios, ", ")),
         from.title, from.version, from.command, static_cast<long long>(from.seed),
         static_cast<long long>(from.trials), more.effective_trials, from.scenario_sha256});
    if (r == 0) {
      all.version = from.version;
      all.build = from.build;
    }
    add_new(std::vector(from.files), all.files);
    for (const VariableMeaning& variable : from.variables) {
      const auto is_same = [&](const VariableMeaning& has) {
        return has.variable == variable.variable;
      };
      if (std::none_of(all.variables.begin(), all.variables.end(), is_same)) {
        all.variables.push_back(variable);
      }
    }
    part.compared = std::move(more.compared);
    part.swept = std::move(more.swept);
    if (part.swept.points > 0 && sweeps > 1) {  // with keys of their own
      for (Table& table : more.further) {
        if (table.name == "sweep" || table.name.starts_with("sweep-")) {
          table.name = fmt::format("{} ({})", table.name, directories[r]);
        }
      }
      part.swept.run = directories[r];
    }
    for (const ViewShare& view : more.views) {
      joined.views.push_back(view);
      if (!part.scenarios.empty()) joined.views.back().scenario = part.scenarios[0];
    }
    std::move(more.wafers.begin(), more.wafers.end(), std::back_inserter(joined.wafers));
    for (const std::string& warning : more.warnings) {
      joined.warnings.push_back(fmt::format("{}: {}", directories[r], warning));
    }
    std::move(more.precision.begin(), more.precision.end(), std::back_inserter(joined.precision));
    add_new(std::move(more.headline), joined.headline);
    add_new(std::move(more.headline_products), joined.headline_products);
    joined.parts.push_back(std::move(part));
    add_tables(std::move(more), joined);
  }
  all.runs = results.size();
  joined.further.push_back(std::move(runs));
  return joined;
}

}  // namespace fabcast
