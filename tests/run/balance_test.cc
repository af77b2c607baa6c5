/// What holds at every moment: nothing is lost or made of nothing, shares are shares, and what
/// binds is what is short.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "support/chain.h"
#include "support/kept.h"
#include "support/rounding.h"

using namespace fabcast;

namespace {

double sum(const std::vector<double>& values) {
  double total = 0;
  for (double value : values) total += value;
  return total;
}

/// What a stock gains over a run whose first quarter began with `opening`, by flows in and out.
struct Account {
  std::string name;
  std::vector<std::string> in, out, stocks;
  double opening = 0;
};

/// Largest part by which any trial's account does not close between two years' ends: -1 stands for
/// the opening.
double worst_gap(const KeptRun& run, const Account& account, int from, int to) {
  const auto year = [&](const std::string& name, int of) {
    return run.column(name, std::to_string(of));
  };
  std::vector<double> gap(run.trials(), 0), moved(run.trials(), 1);
  const auto count = [&](const std::string& name, int of, double sign) {
    const std::vector<double> values = year(name, of);
    for (size_t t = 0; t < gap.size(); ++t) {
      gap[t] += sign * values[t];
      moved[t] += std::abs(values[t]);
    }
  };
  for (int of = from + 1; of <= to; ++of) {
    for (const std::string& name : account.in) count(name, of, 1);
    for (const std::string& name : account.out) count(name, of, -1);
  }
  for (const std::string& name : account.stocks) {
    count(name, to, -1);
    if (account.opening < 0) count(name, from, 1);
  }
  double worst = 0;
  for (size_t t = 0; t < gap.size(); ++t) {
    if (account.opening >= 0) gap[t] += account.opening;
    worst = std::max(worst, std::abs(gap[t]) / moved[t]);
  }
  return worst;
}

bool kept(const KeptRun& run, const std::string& name) {
  for (size_t series : run.series()) {
    if (series_name(run.run.outcome.series[series]) == name) return true;
  }
  return false;
}

/// Those of the names that there are.
std::vector<std::string> there(const KeptRun& run, std::vector<std::string> names) {
  std::erase_if(names, [&](const std::string& name) { return !kept(run, name); });
  return names;
}

}  // namespace

TEST_CASE("wafers, dies, stacks and packages are conserved over the run") {
  const std::vector<std::string> sets{"fab.line.wip = empty",
                                      "die.chip.bank = 7k dies",
                                      "die.chip.bought = 500 dies/month",
                                      "memory.stack.stock = 30k stacks",
                                      "pod.rack.spares = 3 %",
                                      "pod.rack.lag = 2 months",
                                      "pod.rack.whole = yes"};
  const KeptRun run = keep_text(chain, {}, four_hundred, sets);
  const Account accounts[] = {
      {"wafers",
       {"wafer.starts line"},
       {"wafer.outs line", "wafer.scrapped line"},
       {"wafer.in_process line"}},
      {"dies",
       {"die.good chip.full", "die.bought chip.full"},
       {"die.used chip.full"},
       {"die.bank chip.full"},
       7000},
      {"cut dies", {"die.good chip.cut"}, {"die.used chip.cut"}, {"die.bank chip.cut"}},
      {"stacks",
       {"memory.made stack", "memory.imported stack"},
       {"memory.used stack"},
       {"memory.stock stack"},
       30e3},
      {"packages",
       {"packages.started first", "packages.started second"},
       {"packages.lost national", "npus.shipped first", "npus.shipped second"},
       {"packages.in_process first", "packages.in_process second"}},
      {"what went in: a die each",
       {"die.used chip.full", "die.used chip.cut"},
       {"packages.started first", "packages.started second"},
       {}}};
  for (const Account& account : accounts) {
    CAPTURE(account.name);
    CHECK(worst_gap(run, account, 2023, 2025) < testing::lane_rounding);
    CHECK(sum(run.column(account.in[0], "2025")) > 0);
  }
  size_t built = 0;
  for (size_t t = 0; t < run.trials(); ++t) {
    const auto end = [&](const std::string& name) { return run.column(name, "2025")[t]; };
    CHECK(end("memory.used stack") ==
          doctest::Approx(4 * (end("packages.started first") + end("packages.started second"))));
    // Shipped parts are at work, wait for their pod, stand in one that is built, or are spares.
    CHECK(end("npus.cumulative first") ==
          doctest::Approx(end("npus.deployed first") + end("npus.waiting rack") +
                          end("npus.spares rack") + 500 * end("pods.building rack"))
              .epsilon(testing::lane_rounding));
    CHECK(end("npus.spares rack") ==
          doctest::Approx(0.03 * 500 * (end("pods.deployed rack") + end("pods.building rack"))));
    built += end("pods.building rack") > 0;
  }
  CHECK(built > run.trials() / 2);
}

TEST_CASE("a user can close the accounts of the shipped scenario from its outputs") {
  RunOptions options;
  options.trials = 48;
  const KeptRun run = keep_model(compiled_library("base-2026-05.scn"), {}, options);
  const Names& names = run.run.model.names;
  std::vector<Account> accounts;
  for (const std::string& fab : names.of("fab")) {
    accounts.push_back({"wafers of " + fab,
                        {"wafer.starts " + fab},
                        {"wafer.outs " + fab, "wafer.scrapped " + fab},
                        {"wafer.in_process " + fab},
                        -1});
  }
  for (const std::string& pool : names.pool) {
    accounts.push_back({"dies " + pool,
                        {"die.good " + pool, "die.bought " + pool},
                        {"die.used " + pool},
                        {"die.bank " + pool},
                        -1});
  }
  for (const std::string& memory : names.of("memory")) {
    accounts.push_back({"stacks of " + memory,
                        {"memory.made " + memory, "memory.imported " + memory},
                        {"memory.used " + memory},
                        {"memory.stock " + memory},
                        -1});
  }
  Account packages{"packages", {}, {"packages.lost national"}, {}, -1};
  for (const std::string& product : names.of("product")) {
    if (!kept(run, "packages.started " + product)) continue;  // imported
    packages.in.push_back("packages.started " + product);
    packages.out.push_back("npus.shipped " + product);
    packages.out.push_back("units.shipped " + product);
    packages.stocks.push_back("packages.in_process " + product);
  }
  accounts.push_back(packages);
  size_t closed = 0;
  for (Account& account : accounts) {
    CAPTURE(account.name);
    account.in = there(run, account.in);
    account.out = there(run, account.out);
    account.stocks = there(run, account.stocks);
    if (account.stocks.empty()) continue;  // lines without a claim
    CHECK(worst_gap(run, account, 2024, 2028) < testing::lane_rounding);
    ++closed;
  }
  CHECK(closed > 30);
  // By product, what is lost follows from the yield.
  for (const std::string& started : packages.in) {
    CAPTURE(started);
    const std::string product = started.substr(started.find(' ') + 1);
    const std::string shipped =
        there(run, {"npus.shipped " + product, "units.shipped " + product})[0];
    const auto year = [&](const std::string& name, int of, size_t t) {
      return run.column(name, std::to_string(of))[t];
    };
    for (size_t t = 0; t < run.trials(); t += 5) {
      double open = year("packages.in_process " + product, 2024, t), moved = 1;
      for (int of = 2025; of <= 2028; ++of) {
        open +=
            year(started, of, t) * year("packages.yield " + product, of, t) - year(shipped, of, t);
        moved += year(started, of, t);
      }
      CHECK(std::abs(open - year("packages.in_process " + product, 2028, t)) <
            10 * testing::lane_rounding * moved);
    }
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
    const double highest = variable.unit == "share" ? 1 + testing::lane_rounding : 1e300;
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
    CHECK(periods == 24 + 8 + 2);  // months, quarters and years
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
  CHECK(total.size() >= 3 * (24 + 8 + 2));  // and a pod design, from its first NPU on
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
