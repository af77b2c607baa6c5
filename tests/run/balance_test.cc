/// What holds at every moment: nothing is lost or made of nothing, shares are shares, and what
/// binds is what is short.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "support/chain.h"
#include "support/kept.h"

using namespace fabcast;

namespace {

double sum(const std::vector<double>& values) {
  double total = 0;
  for (double value : values) total += value;
  return total;
}

}  // namespace

TEST_CASE("wafers, dies, stacks and packages are conserved over the run") {
  const std::vector<std::string> names{
      "wafer.starts national",     "wafer.outs national",   "wafer.scrapped national",
      "wafer.in_process national", "die.good chip.full",    "die.good chip.cut",
      "die.used chip.full",        "die.used chip.cut",     "die.bank chip.full",
      "die.bank chip.cut",         "memory.made stack",     "memory.imported stack",
      "memory.used stack",         "memory.stock stack",    "packages.started first",
      "packages.started second",   "npus.shipped national", "npus.cumulative national"};
  const KeptRun run =
      keep_text(chain, names, four_hundred,
                {"fab.line.wip = empty", "die.chip.bank = 7k dies",
                 "memory.stack.stock = 30k stacks", "packaging.assembler.attach_yield = 100 %",
                 "product.first.test_yield = 100 %", "product.second.test_yield = 100 %"});
  const auto column = [&](const std::string& name, const std::string& period) {
    return run.column(name, period);
  };
  const auto over_run = [&](const std::string& name, size_t t) {
    return column(name, "2024")[t] + column(name, "2025")[t];
  };
  for (size_t t = 0; t < run.trials(); t += 7) {
    CAPTURE(t);
    const auto at_end = [&](const std::string& name) { return column(name, "2025")[t]; };
    const auto all = [&](const std::string& name) { return over_run(name, t); };
    const auto same = [](double a, double b) { return doctest::Approx(a).epsilon(1e-9) == b; };
    CHECK(same(all("wafer.starts national"), all("wafer.outs national") +
                                                 all("wafer.scrapped national") +
                                                 at_end("wafer.in_process national")));
    CHECK(same(7000 + all("die.good chip.full"),
               all("die.used chip.full") + at_end("die.bank chip.full")));
    CHECK(same(all("die.good chip.cut"), all("die.used chip.cut") + at_end("die.bank chip.cut")));
    CHECK(same(30e3 + all("memory.made stack") + all("memory.imported stack"),
               all("memory.used stack") + at_end("memory.stock stack")));
    const double started = all("packages.started first") + all("packages.started second");
    CHECK(same(all("memory.used stack"), 4 * started));
    CHECK(same(all("die.used chip.full") + all("die.used chip.cut"), started));
    // Nothing is lost here: what has not shipped was started in the last month.
    const double in_process = started - all("npus.shipped national");
    CHECK(in_process >= -1e-6);
    CHECK(in_process <= column("packages.started first", "2025Q4")[t] +
                            column("packages.started second", "2025Q4")[t] + 1e-6);
    CHECK(same(all("npus.shipped national"), at_end("npus.cumulative national")));
  }
}

TEST_CASE("probabilities, yields and shares lie within 0 and 1, and nothing is negative") {
  RunOptions options;
  options.trials = 160;
  const KeptRun run = keep_model(compiled_library("base-2026-05.scn"), {}, options);
  size_t shares = 0;
  for (size_t place = 0; place < run.series().size(); ++place) {
    const Series& series = run.run.outcome.series[run.series()[place]];
    const OutputVariable& variable = output_variables()[static_cast<size_t>(series.variable)];
    CAPTURE(series_name(series));
    const double highest = variable.unit == "share" ? 1 + 1e-12 : 1e300;
    // Orders met may be of earlier months: a gap below zero is a backlog worked off.
    const double lowest = variable.name == "gap.npus" ? -1e300 : 0.0;
    double least = 0, most = 0;
    for (size_t t = 0; t < run.trials(); ++t) {
      for (double value : run.of_trial(t, place)) {
        least = std::min(least, value);
        most = std::max(most, value);
        if (!std::isfinite(value)) FAIL_CHECK("not finite");
      }
    }
    CHECK(least >= lowest);
    CHECK(most <= highest);
    shares += variable.unit == "share";
  }
  CHECK(shares > 20);
}

TEST_CASE("without one of what a part needs nothing ships") {
  const std::vector<std::string> no_bank{"die.chip.bank = 0 dies"};
  for (const std::string set :
       {"fab.line.plan = 0 wafers/month", "tool.line.etch.imported = 0 tools",
        "fab.line.utilisation = 0 %", "fab.line.line_yield = 0 %", "node.n.systematic_yield = 0 %",
        "claim.line.chip.share = 0 %", "packaging.assembler.capacity = 0 packages/month",
        "product.first.test_yield = 0 %"}) {
    CAPTURE(set);
    std::vector<std::string> sets = no_bank;
    sets.push_back(set);
    if (set.starts_with("tool")) sets.push_back("tool.line.etch.deliveries = 0 tools/month");
    if (set.starts_with("product")) sets.push_back("product.second.test_yield = 0 %");
    const KeptRun run = keep_text(chain, {"npus.cumulative national"}, four_hundred, sets);
    CHECK(sum(run.values()) == 0);
  }
  const auto without_stacks =
      keep_text(chain, {"npus.cumulative national"}, four_hundred,
                {"memory.stack.stock = 0 stacks", "memory.stack.imports = 0 stacks/month",
                 "dram.maker.wafers = 0 wafers/month"});
  CHECK(sum(without_stacks.values()) == 0);
  const auto without_orders =
      keep_text(chain, {"npus.cumulative national"}, four_hundred,
                {"segment.cloud.demand = 0 npus/month", "segment.state.demand = 0 npus/month"});
  CHECK(sum(without_orders.values()) == 0);
  // None of these is nothing by itself.
  CHECK(sum(keep_text(chain, {"npus.cumulative national"}, four_hundred, no_bank).values()) > 0);
}

TEST_CASE("where all but one thing is plenty, that one binds, and binding.csv says so") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> plenty{
      {"orders", {"segment.cloud.demand = 10M npus/month", "segment.state.demand = 0 npus/month"}},
      {"dies", {"die.chip.bank = 1bn dies"}},
      {"memory", {"memory.stack.stock = 1bn stacks"}},
      {"packaging", {"packaging.assembler.capacity = 100M packages/month"}}};
  for (const auto& [scarce, unused] : plenty) {
    (void)unused;
    CAPTURE(scarce);
    std::vector<std::string> sets;
    for (const auto& [thing, with] : plenty) {
      if (thing != scarce) sets.insert(sets.end(), with.begin(), with.end());
    }
    const KeptRun run = keep_text(chain, {}, four_hundred, sets);
    const Table table = binding_table("test", run.run.model, run.run.outcome);
    size_t periods = 0;
    for (const auto& row : table.rows) {
      if (text_in(row[table.column("entity")]) != "first") continue;
      const bool is_it = text_in(row[table.column("constraint")]) == scarce;
      CHECK(number_in(row[table.column("probability")]) == (is_it ? 1.0 : 0.0));
      periods += is_it;
    }
    CHECK(periods == 8 + 2);  // quarters and years
  }
}

TEST_CASE("what binds a line adds up to certainty, and follows its tools") {
  const KeptRun run = keep_text(chain, {}, four_hundred);
  const Table table = binding_table("test", run.run.model, run.run.outcome);
  std::map<std::string, double> total;
  for (const auto& row : table.rows) {
    total[text_in(row[table.column("entity")]) + " " + text_in(row[table.column("period")])] +=
        number_in(row[table.column("probability")]);
    const double low = number_in(row[table.column("lo")]),
                 high = number_in(row[table.column("hi")]);
    CHECK(0 <= low);
    CHECK(low <= high);
    CHECK(high <= 1);
  }
  CHECK(total.size() == 3 * 10);
  for (const auto& [name, probability] : total) {
    CAPTURE(name);
    CHECK(probability == doctest::Approx(1).epsilon(1e-12));
  }
  const auto by_etch = [&](const std::string& set) {
    const KeptRun changed =
        keep_text(chain, {}, four_hundred, {set, "tool.line.etch.deliveries = 0 tools/month"});
    const Table binding = binding_table("test", changed.run.model, changed.run.outcome);
    for (const auto& row : binding.rows) {
      if (text_in(row[binding.column("constraint")]) == "etch" &&
          text_in(row[binding.column("period")]) == "2024") {
        return number_in(row[binding.column("probability")]);
      }
    }
    return -1.0;
  };
  CHECK(by_etch("tool.line.etch.imported = 1 tools") == 1);
  CHECK(by_etch("tool.line.etch.imported = 10k tools") == 0);
}
