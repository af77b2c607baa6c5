/// Results given one view: against runs of that view alone, against the kept trials that follow it,
/// and against the mixture of all.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "run/tables.h"
#include "support/ran.h"

using namespace fabcast;
using namespace fabcast::testing;

namespace {

/// Two groups of views. Line L's plan follows one of them; lines M and N, constant but for their
/// view, tell which view of each group a trial follows. Of line L, 10,800 wafers a year (900 a
/// month) are started or more in 1/5 of the trials of `low`, in 7/8 of `high`.
const std::string text = R"(
[scenario]
months   = 2025-01 .. 2025-12
headline = wafer.starts L, wafer.starts national
[view]
low  = 0.6
high = 0.4
[view.other]
one   = 0.2
two   = 0.3
three = 0.5
[node.n]
cycle_time_cv = 100 %
[fab.L]
node        = n
plan        = low: uniform(500, 1000) / high: uniform(800, 1600) wafers/month
utilisation = 100 %
[fab.M]
node        = n
plan        = low: 100 / high: 200 wafers/month
utilisation = 100 %
[fab.N]
node        = n
plan        = one: 10 / two: 20 / three: 30 wafers/month
utilisation = 100 %
[die.d]
width  = 10 mm
height = 10 mm
[claim.L.d]
share = 100 %
[claim.M.d]
share = 100 %
[claim.N.d]
share = 100 %
[question]
year = wafer.starts L >= 10.8k wafers at 2025
by   = wafer.starts L >= 8k wafers by 2025-12
)";

const std::string observed = "[observe]\nwafer.starts L 2025 = 12k wafers +- 30 %\n";

struct View {
  std::string name, group;
  double chance;
  const char* told_by;  ///< column that tells it
  double told;          ///< and its value there
};
const std::vector<View> views{{"low", "view", 0.6, "wafer.starts M 2025", 1200},
                              {"high", "view", 0.4, "wafer.starts M 2025", 2400},
                              {"one", "view.other", 0.2, "wafer.starts N 2025", 120},
                              {"two", "view.other", 0.3, "wafer.starts N 2025", 240},
                              {"three", "view.other", 0.5, "wafer.starts N 2025", 360}};

struct Viewed : Ran {
  Viewed(const std::string& scenario_text, uint64_t trials,
         const std::vector<std::string>& sets = {}, int threads = 2)
      : Ran("viewed.scn", scenario_text, request(trials, sets, threads)) {}
  double question(size_t row, const std::string& column) const {
    return number("questions", row, column);
  }

 private:
  static RunRequest request(uint64_t trials, const std::vector<std::string>& sets, int threads) {
    RunRequest asked;
    asked.scenario.sets = sets;
    asked.trials = trials;
    asked.threads = threads;
    asked.keep = {"wafer.starts"};
    asked.by_view = true;
    return asked;
  }
};

/// Type 5 of Hyndman and Fan: linear between the middles of the steps of equally weighted values.
double quantile(std::vector<double> x, double q) {
  std::sort(x.begin(), x.end());
  const double n = static_cast<double>(x.size());
  const double h = std::clamp(n * q - 0.5, 0.0, n - 1);
  const auto below = static_cast<size_t>(h);
  const size_t above = std::min(below + 1, x.size() - 1);
  return x[below] + (h - static_cast<double>(below)) * (x[above] - x[below]);
}

}  // namespace

TEST_CASE("views: a question given a view is what a run of that view alone says") {
  const Viewed all(text, 20'000);
  const struct {
    const char *view, *other;
    double exact;
  } cases[] = {{"low", "high", 0.2}, {"high", "low", 0.875}};
  for (const auto& c : cases) {
    CAPTURE(std::string(c.view));
    const Viewed alone(text, 20'000, {std::string("view.") + c.other + " = 0"});
    const double given = all.question(0, std::string("given ") + c.view);
    const double p = c.exact;
    const double followers = 20'000 * (c.view == std::string("low") ? 0.6 : 0.4);
    // Four standard errors of both, false in 6 of 100,000 checks.
    CHECK(std::abs(given - alone.question(0, "estimate")) <
          4 * std::sqrt(p * (1 - p) * (1 / followers + 1 / 20'000.0)));
    CHECK(std::abs(given - p) < 4 * std::sqrt(p * (1 - p) / followers));
    // Its interval is Wilson's of those trials: about 2 x 1.645 sqrt(p q / n) wide.
    const double width = all.question(0, std::string("given ") + c.view + "_hi") -
                         all.question(0, std::string("given ") + c.view + "_lo");
    CHECK(width == doctest::Approx(2 * 1.645 * std::sqrt(p * (1 - p) / followers)).epsilon(0.05));
    CHECK(alone.question(0, std::string("given ") + c.view) == alone.question(0, "estimate"));
    // A view that no trial follows tells nothing.
    CHECK(std::isnan(alone.question(0, std::string("given ") + c.other)));
  }
  // A group that the line does not follow: the same within its error.
  for (const View& view : views) {
    if (view.group == "view") continue;
    const double p = 0.6 * 0.2 + 0.4 * 0.875;
    CHECK(std::abs(all.question(0, "given " + view.name) - p) <
          4 * std::sqrt(p * (1 - p) / (20'000 * view.chance)));
  }
}

TEST_CASE("views: the mixture is the weighted sum of what is given each view") {
  for (const std::string& scenario : {text, text + observed}) {
    const Viewed ran(scenario, 5000);
    for (size_t q = 0; q < 2; ++q) {
      for (const std::string group : {"view", "view.other"}) {
        CAPTURE(group);
        double sum = 0, weights = 0;
        for (const View& view : views) {
          if (view.group != group) continue;
          const Table& table = ran.table("views");
          const auto row = std::find_if(table.rows.begin(), table.rows.end(), [&](const auto& r) {
            return text_in(r[table.column("view")]) == view.name;
          });
          REQUIRE(row != table.rows.end());
          CHECK(text_in((*row)[table.column("group")]) == group);
          const double weight = number_in((*row)[table.column("weight")]);
          weights += weight;
          sum += weight * ran.question(q, "given " + view.name);
        }
        CHECK(weights == doctest::Approx(1).epsilon(1e-14));
        CHECK(sum == doctest::Approx(ran.question(q, "estimate")).epsilon(1e-13));
      }
    }
    // Observed 12k, trials of `high` weigh more, which is not their share of the draws.
    const double high = number_in(ran.table("views").rows.at(10)[3]);
    CHECK(text_in(ran.table("views").rows.at(10)[2]) == "high");
    if (scenario == text) {
      CHECK(std::abs(high - 0.4) < 4 * std::sqrt(0.24 / 5000));
    } else {
      CHECK(high > 0.45);
    }
  }
}

TEST_CASE("views: views.csv holds the statistics of the trials that follow each view") {
  for (const uint64_t trials : {3000, 5000}) {  // kept whole, and counted in bins
    for (const bool is_weighted : {false, true}) {
      CAPTURE(trials);
      CAPTURE(is_weighted);
      const Viewed ran(is_weighted ? text + observed : text, trials);
      const Table& table = ran.table("views");
      // Five views, two series of the headline, four quarters and a year.
      CHECK(table.rows.size() == 5 * 2 * 5);
      const std::vector<double> weight =
          is_weighted ? ran.kept("weight") : std::vector<double>(trials, 1.0);
      for (const View& view : views) {
        CAPTURE(view.name);
        const std::vector<double> teller = ran.kept(view.told_by);
        for (const auto& row : table.rows) {
          if (text_in(row[table.column("view")]) != view.name) continue;
          const auto number = [&](const char* column) {
            return number_in(row[table.column(column)]);
          };
          const std::string entity = text_in(row[table.column("entity")]);
          const std::string period = text_in(row[table.column("period")]);
          CAPTURE(entity);
          CAPTURE(period);
          const std::vector<double> x = ran.kept("wafer.starts " + entity + " " + period);
          std::vector<double> own;
          double all = 0, sum = 0, squares = 0, total = 0;
          for (size_t t = 0; t < trials; ++t) {
            total += weight[t];
            if (teller[t] != doctest::Approx(view.told)) continue;
            own.push_back(x[t]);
            all += weight[t];
            sum += weight[t] * x[t];
            squares += weight[t] * weight[t];
          }
          REQUIRE(own.size() > 100);
          const double mean = sum / all, ess = all * all / squares;
          double variance = 0;
          for (size_t t = 0; t < trials; ++t) {
            if (teller[t] != doctest::Approx(view.told)) continue;
            variance += weight[t] / all * (x[t] - mean) * (x[t] - mean);
          }
          CHECK(number("weight") == doctest::Approx(all / total).epsilon(1e-12));
          CHECK(number("ess") == doctest::Approx(ess).epsilon(1e-12));
          CHECK(number("mean") == doctest::Approx(mean).epsilon(1e-12));
          CHECK(number("sd") ==
                doctest::Approx(std::sqrt(variance * ess / (ess - 1))).epsilon(1e-9));
          if (is_weighted) continue;
          // So few series keep every value, of more than 4,096 trials too.
          CHECK(number("p05") == doctest::Approx(quantile(own, 0.05)).epsilon(1e-12));
          CHECK(number("p50") == doctest::Approx(quantile(own, 0.5)).epsilon(1e-12));
          CHECK(number("p95") == doctest::Approx(quantile(own, 0.95)).epsilon(1e-12));
        }
      }
    }
  }
}

TEST_CASE("views: the months of a crossing and `later` sum to one") {
  for (const std::string& scenario : {text, text + observed}) {
    const Viewed ran(scenario, 3000);
    const Table& table = ran.table("crossings");
    REQUIRE(table.rows.size() == 13);  // of `by` alone
    double sum = 0;
    for (const auto& row : table.rows) {
      CHECK(text_in(row[table.column("question")]) == "by");
      sum += number_in(row[table.column("probability")]);
      CHECK(number_in(row[table.column("cumulative")]) == doctest::Approx(sum));
    }
    CHECK(sum == doctest::Approx(1).epsilon(1e-12));
    CHECK(number_in(table.rows.back()[table.column("cumulative")]) == 1);
    CHECK(text_in(table.rows.back()[table.column("month")]) == "later");
    const double later = number_in(table.rows.back()[table.column("probability")]);
    CHECK(later > 0.02);
    CHECK(later == doctest::Approx(1 - ran.question(1, "estimate")).epsilon(1e-12));
    // Below 1,600 a month, 8,000 take six months at least.
    for (const char* month : {"2025-01", "2025-04", "2025-05", "2025-08", "2025-12"}) {
      const auto row = std::find_if(table.rows.begin(), table.rows.end(), [&](const auto& r) {
        return text_in(r[table.column("month")]) == month;
      });
      REQUIRE(row != table.rows.end());
      CHECK((number_in((*row)[table.column("probability")]) > 0) ==
            (std::string(month) > "2025-05"));
    }
  }
}

TEST_CASE("views: --by-view writes views.csv, the same for any number of threads") {
  const TemporaryFolder folder;
  folder.write("viewed.scn", text + observed);
  for (const char* threads : {"1", "2", "3"}) {
    const std::string common = std::string("run viewed.scn -n 5000 -q --threads ") + threads;
    REQUIRE(run_program(folder.path(), common + " --by-view --out v" + threads).status == 0);
  }
  const std::string one = read_text(folder.file("v1/views.csv"));
  CHECK(has(one, "scenario,group,view,weight,ess,variable,entity,unit,period,mean,"));
  CHECK(has(one, "\nviewed,view.other,three,"));
  CHECK(one == read_text(folder.file("v2/views.csv")));
  CHECK(one == read_text(folder.file("v3/views.csv")));
  CHECK(run_program(folder.path(), "run viewed.scn -n 100 -q --out w").status == 0);
  CHECK_FALSE(tree_of(folder.path()).contains("w/views.csv"));
}
