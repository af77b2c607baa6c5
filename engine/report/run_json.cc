#include "report/run_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "results/json.h"

namespace fabcast {

namespace {

using Json = nlohmann::ordered_json;

/// What a reader of the CSV files must know of them: their columns' meanings, and whether a cell is
/// a text or a number, which "2025" does not say.
Json tables_of(const RunResult& result) {
  Json tables = Json::array();
  for (const Table* table : result.tables()) {
    Json columns = Json::array();
    for (size_t c = 0; c < table->columns.size(); ++c) {
      columns.push_back({{"name", table->columns[c].name},
                         {"holds", content_name(content_of(*table, c))},
                         {"meaning", table->columns[c].meaning}});
    }
    tables.push_back(
        {{"name", table->name}, {"rows", table->rows.size()}, {"columns", std::move(columns)}});
  }
  return tables;
}

Json variables_of(const Provenance& from) {
  Json variables = Json::array();
  for (const VariableMeaning& variable : from.variables) {
    variables.push_back(
        {{"name", variable.variable}, {"unit", variable.unit}, {"meaning", variable.meaning}});
  }
  return variables;
}

Json json_of_measures(const std::vector<ComparedMeasure>& measures) {
  Json list = Json::array();
  for (const ComparedMeasure& measure : measures) {
    list.push_back({{"variable", measure.variable},
                    {"entity", measure.entity},
                    {"unit", measure.unit},
                    {"period", measure.period}});
  }
  return list;
}

/// What a report shows of the tables, and draws beside them.
Json report_of(const RunResult& result) {
  Json headline = Json::array(), views = Json::array(), wafers = Json::array();
  for (const auto& [variable, entity] : result.headline) {
    headline.push_back({{"variable", variable}, {"entity", entity}});
  }
  for (const ViewShare& view : result.views) {
    views.push_back({{"group", view.group},
                     {"view", view.view},
                     {"weight", view.weight},
                     {"share", json_of(view.share)}});
  }
  for (const WaferFigure& wafer : result.wafers) {
    wafers.push_back({{"scenario", wafer.scenario},
                      {"die", wafer.die},
                      {"width_mm", wafer.width_mm},
                      {"height_mm", wafer.height_mm},
                      {"square", wafer.square},
                      {"wafer_mm", wafer.wafer_mm},
                      {"edge_exclusion_mm", wafer.edge_exclusion_mm},
                      {"scribe_mm", wafer.scribe_mm},
                      {"notch_mm", wafer.notch_mm},
                      {"reticle_aligned", wafer.reticle_aligned}});
  }
  Json json{{"headline", headline},
            {"products", result.headline_products},
            {"effective_trials", json_of(result.effective_trials)},
            {"weighted", result.weighted},
            {"warnings", result.warnings},
            {"views", views},
            {"wafers", wafers},
            {"tables", tables_of(result)},
            {"variables", variables_of(result.provenance)}};
  const Swept& swept = result.swept;
  if (swept.points > 0) {
    json["swept"] = {{"keys", swept.keys},
                     {"units", swept.units},
                     {"scenarios", swept.scenarios},
                     {"points", swept.points},
                     {"measures", json_of_measures(swept.measures)}};
  }
  const Compared& compared = result.compared;
  if (compared.scenarios.empty()) return json;
  Json scenarios = Json::array();
  for (const ComparedScenario& scenario : compared.scenarios) {
    Json values = Json::array();
    for (const ComparedValue& value : scenario.values) {
      values.push_back({{"value", json_of(value.value)},
                        {"difference", json_of(value.difference)},
                        {"half_interval", json_of(value.half_interval)},
                        {"text", value.text}});
    }
    scenarios.push_back({{"name", scenario.name}, {"title", scenario.title}, {"values", values}});
  }
  json["compared"] = {{"measures", json_of_measures(compared.measures)}, {"scenarios", scenarios}};
  return json;
}

std::string text_of(const Json& json) {
  // A scenario is checked UTF-8; a file name of the system need not be.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Json precision_json(const RunResult& result) {
  bool met = true;
  Json statistics = Json::array();
  for (const ReachedPrecision& each : result.precision) {
    met = met && each.met;
    statistics.push_back(json_of(each));
  }
  return {{"met", met}, {"most_trials", result.most_trials}, {"statistics", statistics}};
}

std::string run_json(const RunResult& result) {
  const Provenance& from = result.provenance;
  Json files = Json::array();
  for (const auto& [path, text] : from.files) files.push_back({{"path", path}, {"text", text}});
  Json phases = Json::object();
  for (const auto& [phase, seconds] : from.seconds_by_phase) phases[phase] = seconds;
  Json json{{"program", "fabcast"},
            {"version", from.version},
            {"build", from.build},
            {"command", from.command},
            {"scenario", from.scenario},
            {"title", from.title},
            {"months", from.first_month + " .. " + from.last_month},
            {"seed", from.seed},
            {"sampler", from.sampler},
            {"quantiles", from.quantiles},
            {"stream_version", from.stream_version},
            {"trials", from.trials},
            {"threads", from.threads},
            {"host_cpu", from.host_cpu},
            {"seconds", from.seconds},
            {"seconds_by_phase", phases},
            {"scenario_sha256", from.scenario_sha256}};
  if (from.replicates > 1) json["replicates"] = from.replicates;
  // A part of a run has no results yet.
  if (from.shard.empty()) {
    json["report"] = report_of(result);
  } else {
    json["shard"] = from.shard;
  }
  json["scenario_text"] = from.scenario_text;
  json["files"] = files;
  if (!result.precision.empty()) json["precision"] = precision_json(result);
  return text_of(json);
}

std::string summary_json(const RunResult& result) {
  Json questions = Json::array();
  for (const auto& row : result.questions.rows) {
    Json question = Json::object();
    for (size_t c = 0; c < row.size(); ++c) {
      question[result.questions.columns[c].name] = json_of(row[c]);
    }
    questions.push_back(std::move(question));
  }
  Json headline = Json::array();
  const Table& summary = result.summary;
  const size_t variable = summary.column("variable"), entity = summary.column("entity");
  for (const auto& [wanted_variable, wanted_entity] : result.headline) {
    for (const auto& row : summary.rows) {
      if (text_in(row[variable]) != wanted_variable || text_in(row[entity]) != wanted_entity) {
        continue;
      }
      headline.push_back({{"variable", wanted_variable},
                          {"entity", wanted_entity},
                          {"unit", json_of(row[summary.column("unit")])},
                          {"period", json_of(row[summary.column("period")])},
                          {"mean", json_of(row[summary.column("mean")])},
                          {"mean_se", json_of(row[summary.column("mean_se")])},
                          {"p05", json_of(row[summary.column("p05")])},
                          {"p50", json_of(row[summary.column("p50")])},
                          {"p95", json_of(row[summary.column("p95")])}});
    }
  }
  const Provenance& from = result.provenance;
  Json json{{"scenario", from.scenario}, {"seed", from.seed},       {"sampler", from.sampler},
            {"trials", from.trials},     {"seconds", from.seconds}, {"questions", questions},
            {"headline", headline}};
  if (from.replicates > 1) json["replicates"] = from.replicates;
  if (!result.precision.empty()) json["precision"] = precision_json(result);
  return text_of(json);
}

}  // namespace fabcast
