/// What binds when: products, lines, pods.

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "report/page/sections.h"

namespace fabcast::page {

namespace {

/// Shares of one product, line or pod in one scenario, by period and constraint.
struct Bound {
  Names periods, constraints;
  std::map<std::pair<std::string, std::string>, double> shares;  ///< by period and constraint
  double share(const std::string& period, const std::string& constraint) const {
    const auto found = shares.find({period, constraint});
    return found == shares.end() ? 0 : found->second;
  }
};

using ByEntity = std::vector<std::pair<std::string, std::map<std::string, Bound>>>;

/// Of a kind, by entity in the order of the table, then by scenario.
ByEntity bound_of(const Table& binding, std::string_view kind) {
  const size_t scenario = binding.column("scenario"), kinds = binding.column("kind"),
               entity = binding.column("entity"), constraint = binding.column("constraint"),
               period = binding.column("period"), probability = binding.column("probability");
  ByEntity all;
  for (const Row& row : binding.rows) {
    if (text_in(row[kinds]) != kind) continue;
    const std::string& name = text_in(row[entity]);
    auto place =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first == name; });
    if (place == all.end()) {
      all.emplace_back(name, std::map<std::string, Bound>());
      place = all.end() - 1;
    }
    Bound& bound = place->second[text_in(row[scenario])];
    if (bound.periods.empty() || bound.periods.back() != text_in(row[period])) {
      bound.periods.push_back(text_in(row[period]));
    }
    add_once(bound.constraints, text_in(row[constraint]));
    bound.shares[{text_in(row[period]), text_in(row[constraint])}] = number_in(row[probability]);
  }
  // What never binds is not drawn.
  for (auto& [name, by_scenario] : all) {
    for (auto& [of, bound] : by_scenario) {
      std::erase_if(bound.constraints, [&bound = bound](const std::string& each) {
        return std::all_of(bound.periods.begin(), bound.periods.end(),
                           [&](const std::string& at) { return bound.share(at, each) < 0.005; });
      });
    }
  }
  return all;
}

/// One product, line or pod: for the script by month (of several scenarios by quarter), as a table
/// by year.
Markup bound_figure(Report& report, const std::string& entity,
                    const std::map<std::string, Bound>& by_scenario) {
  const bool several = report.scenarios.size() > 1;
  Json scenarios = Json::array();
  std::vector<std::vector<Markup>> rows;
  Names years;
  for (const auto& [scenario, bound] : by_scenario) {
    for (const std::string& period : bound.periods) {
      if (is_year(period)) add_once(years, period);
    }
  }
  std::sort(years.begin(), years.end());
  for (const std::string& scenario : report.scenarios) {
    const auto found = by_scenario.find(scenario);
    if (found == by_scenario.end()) continue;
    const Bound& bound = found->second;
    Json periods = Json::array(), shares = Json::array();
    Names drawn;
    for (const std::string& period : bound.periods) {
      if (several ? is_quarter(period) : is_month(period)) drawn.push_back(period);
    }
    for (const std::string& constraint : bound.constraints) {
      Json of_constraint = Json::array();
      for (const std::string& period : drawn) {
        of_constraint.push_back(number_of(bound.share(period, constraint)));
      }
      shares.push_back(std::move(of_constraint));
      std::vector<Markup> cells{text(constraint)};
      if (several) cells.insert(cells.begin(), text(scenario));
      for (const std::string& year : years) {
        const bool is_made =
            std::find(bound.periods.begin(), bound.periods.end(), year) != bound.periods.end();
        cells.push_back(text(is_made ? chance_text(bound.share(year, constraint)) : "–"));
      }
      rows.push_back(std::move(cells));
    }
    scenarios.push_back({{"name", scenario},
                         {"periods", drawn},
                         {"constraints", bound.constraints},
                         {"shares", shares}});
  }
  std::vector<Head> heads{{"Constraint", false}};
  if (several) heads.insert(heads.begin(), {"Scenario", false});
  for (const std::string& year : years) heads.push_back({year});
  return report.figure("binding", {{"label", entity}, {"scenarios", scenarios}},
                       element("b", entity),
                       table(text("What binds " + entity + ", by year"), heads, rows));
}

/// The constraint that nearly always binds, where there is one: in no year another binds in one
/// month of twenty.
std::string only_constraint(const std::map<std::string, Bound>& by_scenario) {
  std::string only;
  for (const auto& [scenario, bound] : by_scenario) {
    for (const std::string& period : bound.periods) {
      for (const std::string& constraint : bound.constraints) {
        if (!is_year(period) || bound.share(period, constraint) < 0.05) continue;
        if (!only.empty() && only != constraint) return "";
        only = constraint;
      }
    }
  }
  return only;
}

/// Pictures of those that several constraints bind; the others in words.
std::pair<Markup, std::string> pictures_of(Report& report, const ByEntity& all) {
  std::pair<Markup, std::string> made;
  std::map<std::string, std::string> by_only;
  for (const auto& [entity, bound] : all) {
    const std::string only = only_constraint(bound);
    if (only.empty()) {
      made.first << bound_figure(report, entity, bound);
    } else {
      by_only[only] += (by_only[only].empty() ? "" : ", ") + entity;
    }
  }
  for (const auto& [only, entities] : by_only) {
    made.second += " Nearly always held by " + only + " alone: " + entities + ".";
  }
  return made;
}

constexpr size_t most_products = 6;

/// Products of the headline; where the run does not name them, those of the table, the headline's
/// own first.
Names products_of(const Report& report, const ByEntity& all) {
  Names products = report.result.headline_products;
  if (!products.empty()) return products;
  for (const SeriesName& series : report.headline) {
    for (const auto& [entity, bound] : all) {
      if (entity == series.entity) add_once(products, entity);
    }
  }
  for (const auto& [entity, bound] : all) {
    if (products.size() < most_products) add_once(products, entity);
  }
  return products;
}

}  // namespace

Section binding_section(Report& report) {
  Section section{"binding", "What binds when", {}};
  const Table& binding = report.result.binding;
  if (binding.rows.empty()) return section;
  const ByEntity products = bound_of(binding, "product"), lines = bound_of(binding, "fab"),
                 pods = bound_of(binding, "pod");
  Markup body;
  const auto add = [&](const char* title, const std::string& words, const Markup& figures) {
    body << element("h3", title) << paragraph(words);
    if (!figures.empty()) body << element("div", {{"class", "multiples"}}, figures);
  };
  Markup figures;
  for (const std::string& name : products_of(report, products)) {
    for (const auto& [entity, bound] : products) {
      if (entity == name) figures << bound_figure(report, entity, bound);
    }
  }
  if (!products.empty()) {
    add("Products",
        "What held a product's packages, between its launch and its end. In each month a "
        "constraint "
        "is as high as the share of histories that it held; all together make 100 %.",
        figures);
  }
  if (!lines.empty()) {
    const auto [drawn, told] = pictures_of(report, lines);
    add("Lines",
        "What holds a line's capacity: its plan, or the class of tools of which it has too few." +
            told,
        drawn);
  }
  if (!pods.empty()) {
    const auto [drawn, told] = pictures_of(report, pods);
    add("Pods", "What the next pod waits for." + told, drawn);
  }
  if (report.scenarios.size() > 1 && !body.empty()) {
    Markup options;
    for (const std::string& scenario : report.scenarios) {
      options << element("option", {{"value", scenario}}, text(scenario));
    }
    section.body << element(
        "p", {{"class", "choose"}},
        element("label", {{"for", "choose-binding"}}, text("Scenario "))
            << element("select", {{"id", "choose-binding"}, {"data-choose", "binding"}}, options));
  }
  section.body << body;
  return section;
}

}  // namespace fabcast::page
