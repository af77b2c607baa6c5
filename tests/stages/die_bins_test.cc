#include "stages/die_bins.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_dec_float.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "base/diagnostics.h"

using namespace fabcast;

namespace {

/// Digits enough for the alternating sum of 64 cores, whose terms reach 1e37 where its value may be
/// as small as `smallest`.
using Exact = boost::multiprecision::number<boost::multiprecision::cpp_dec_float<130>,
                                            boost::multiprecision::et_off>;
constexpr double smallest = 1e-70;

struct Die {
  double area_cm2, core_share, d0, alpha;
};

/// The chance that an area (of any size) is free of defects.
Exact exact_yield(const BinDesign& design, const Die& die, const Exact& area) {
  const Exact defects = area * Exact(die.d0);
  switch (design.model) {
    case YieldModel::poisson:
      return exp(-defects);
    case YieldModel::murphy: {
      if (defects == 0) return 1;
      const Exact mean = (1 - exp(-defects)) / defects;
      return mean * mean;
    }
    case YieldModel::seeds:
      return 1 / (1 + defects);
    case YieldModel::moore:
      return exp(-sqrt(defects));
    case YieldModel::bose_einstein:
      return pow(1 + defects, Exact(-design.critical_layers));
    case YieldModel::negative_binomial:
      break;
  }
  return pow(1 + defects / Exact(die.alpha), -Exact(die.alpha));
}

/// p_j, j = 0 … n, by the alternating sum of the model's description.
std::vector<Exact> exact_good_cores(const BinDesign& design, const Die& die) {
  const int n = design.cores;
  const Exact cores_area = Exact(die.area_cm2) * Exact(die.core_share);
  const Exact uncore = Exact(die.area_cm2) - cores_area;
  std::vector<Exact> free_of_defects;
  for (int s = 0; s <= n; ++s) {
    free_of_defects.push_back(exact_yield(design, die, uncore + cores_area * s / n));
  }
  std::vector<Exact> chances;
  for (int j = 0; j <= n; ++j) {
    Exact sum = 0, choices_of_j = 1;  // C(n, j)
    for (int i = 0; i < j; ++i) choices_of_j = choices_of_j * (n - i) / (i + 1);
    Exact choices = 1;  // C(n - j, i)
    for (int i = 0; i <= n - j; ++i) {
      const Exact term = choices * free_of_defects[static_cast<size_t>(j + i)];
      sum = i % 2 == 0 ? sum + term : sum - term;
      choices = choices * (n - j - i) / (i + 1);
    }
    chances.push_back(choices_of_j * sum);
  }
  return chances;
}

std::vector<Exact> exact_fractions(const BinDesign& design, const Die& die) {
  const std::vector<Exact> one = exact_good_cores(design, die);
  std::vector<Exact> counts = one;
  if (design.scope == BinScope::pair) {
    Exact uncore = 0;
    for (const Exact& chance : one) uncore += chance;
    counts.assign(2 * one.size() - 1, 0);
    for (size_t a = 0; a < one.size(); ++a) {
      for (size_t b = 0; b < one.size(); ++b) counts[a + b] += one[a] * one[b] / uncore;
    }
  }
  std::vector<Exact> fractions;
  size_t above = counts.size();
  for (int least : design.min_cores) {
    Exact sum = 0;
    for (size_t j = static_cast<size_t>(least); j < above; ++j) sum += counts[j];
    above = static_cast<size_t>(least);
    fractions.push_back(sum);
  }
  return fractions;
}

/// Largest relative error over the bins whose exact value is known well.
double worst_error(const BinDesign& design, const Die& die) {
  const std::vector<double> bins =
      bin_fractions(plan_bins(design), die.area_cm2, die.core_share, die.d0, die.alpha);
  const std::vector<Exact> exact = exact_fractions(design, die);
  double worst = 0;
  for (size_t b = 0; b < bins.size(); ++b) {
    if (exact[b] < smallest) continue;
    if (!std::isfinite(bins[b])) return INFINITY;
    const Exact error = abs(Exact(bins[b]) / exact[b] - 1);
    worst = std::max(worst, error.convert_to<double>());
  }
  return worst;
}

std::vector<int> every_count(int from, int to) {
  std::vector<int> counts;
  for (int k = from; k >= to; --k) counts.push_back(k);
  return counts;
}

/// Every count of good cores a bin of its own, whatever share of the die the cores take.
void check_all_counts(int cores, YieldModel model, double alpha, double d0, int fewest = 0) {
  for (double share : {0.05, 0.65, 1.0}) {
    CAPTURE(cores);
    CAPTURE(static_cast<int>(model));
    CAPTURE(alpha);
    CAPTURE(d0);
    CAPTURE(share);
    const BinDesign design{cores, every_count(cores, fewest), BinScope::die, model, 6};
    CHECK(worst_error(design, {2.5, share, d0, alpha}) < 1e-9);
  }
}

}  // namespace

TEST_CASE("negative binomial bins keep 1e-9 for every clustering and every density of defects") {
  for (int cores : {1, 2, 9, 36, most_cores}) {
    for (double alpha : {0.01, 0.5, 2.0, 10.0, 1e9}) {
      for (double d0 : {1e-7, 0.2, 8.0}) {
        check_all_counts(cores, YieldModel::negative_binomial, alpha, d0);
      }
    }
  }
}

TEST_CASE("bins of the other models keep 1e-9") {
  for (YieldModel model : {YieldModel::poisson, YieldModel::murphy, YieldModel::seeds,
                           YieldModel::moore, YieldModel::bose_einstein}) {
    for (double d0 : {1e-7, 0.2, 1.3}) check_all_counts(9, model, 2.0, d0);
    check_all_counts(most_cores, model, 2.0, 0.7, 1);
  }
}

TEST_CASE("bins of a pair count the good cores of both dies") {
  for (YieldModel model : {YieldModel::negative_binomial, YieldModel::poisson, YieldModel::murphy,
                           YieldModel::seeds, YieldModel::moore, YieldModel::bose_einstein}) {
    for (const std::vector<int>& bins : {std::vector<int>{36, 32, 28}, {34, 30}, {30, 9}}) {
      for (double d0 : {0.001, 0.3}) {
        CAPTURE(static_cast<int>(model));
        CAPTURE(bins.back());
        CAPTURE(d0);
        const BinDesign design{18, bins, BinScope::pair, model, 6};
        CHECK(worst_error(design, {4.0, 0.6, d0, 2.0}) < 1e-9);
      }
    }
  }
}

TEST_CASE("a die whose bins ask for all cores or none is a whole die, or an uncore") {
  const double area = 6.6561, share = 0.6, d0 = 0.18, alpha = 2;
  const BinDesign design{25, {25, 0}, BinScope::die, YieldModel::negative_binomial, 10};
  const std::vector<double> bins = bin_fractions(plan_bins(design), area, share, d0, alpha);
  CHECK(bins[0] == doctest::Approx(negative_binomial_yield(area * d0, alpha)).epsilon(1e-14));
  CHECK(bins[0] + bins[1] ==
        doctest::Approx(negative_binomial_yield(area * d0 * (1 - share), alpha)).epsilon(1e-12));
}

TEST_CASE("without defects every die is of the best bin; without cores' area all or nothing") {
  for (int m = 0; m < 6; ++m) {
    CAPTURE(m);
    const YieldModel model = static_cast<YieldModel>(m);
    const BinPlan plan = plan_bins({25, {25, 20, 0}, BinScope::die, model, 10});
    const std::vector<double> perfect = bin_fractions(plan, 6.6561, 0.6, 0, 2);
    CHECK(perfect[0] == doctest::Approx(1).epsilon(1e-9));
    CHECK(perfect[1] < 1e-12);
    CHECK(perfect[2] < 1e-12);
    const std::vector<double> whole = bin_fractions(plan, 6.6561, 0, 0.02, 2);
    CHECK(whole[0] > 0.1);
    CHECK(whole[1] < 1e-12);
  }
}

TEST_CASE("bins never add up to more than all dies, and more defects never better the best bin") {
  for (int m = 0; m < 6; ++m) {
    CAPTURE(m);
    const BinPlan plan =
        plan_bins({36, {32, 28, 1}, BinScope::die, static_cast<YieldModel>(m), 10});
    double best_before = 1;
    for (double d0 : {0.0, 1e-12, 0.01, 0.3, 1.0, 10.0, 100.0}) {
      const std::vector<double> bins = bin_fractions(plan, 8.58, 0.8, d0, 0.5);
      for (double bin : bins) {
        CHECK(bin >= 0);
        CHECK(bin <= 1 + 1e-9);
      }
      CHECK(bins[0] + bins[1] + bins[2] <= 1 + 1e-9);
      CHECK(bins[0] <= best_before + 1e-9);
      best_before = bins[0];
    }
  }
}

TEST_CASE("lanes are independent: a block gives the bits of its dies alone") {
  const BinPlan plan = plan_bins({18, {32, 28}, BinScope::pair, YieldModel::negative_binomial, 10});
  constexpr int lanes = 7;
  double area[lanes], share[lanes], d0[lanes], alpha[lanes], best[lanes], second[lanes];
  for (int t = 0; t < lanes; ++t) {
    area[t] = 3 + 0.1 * t;
    share[t] = 0.5 + 0.05 * t;
    d0[t] = 0.05 * (t + 1);
    alpha[t] = 1 + t;
  }
  std::vector<double> work(static_cast<size_t>(plan.scratch_rows) * lanes);
  std::vector<double*> scratch;
  for (int row = 0; row < plan.scratch_rows; ++row) scratch.push_back(&work[row * lanes]);
  double* out[] = {best, second};
  bin_yields(plan, lanes, {area, share, d0, alpha}, scratch, out);
  for (int t = 0; t < lanes; ++t) {
    const std::vector<double> alone = bin_fractions(plan, area[t], share[t], d0[t], alpha[t]);
    CHECK(alone[0] == best[t]);
    CHECK(alone[1] == second[t]);
  }
}

TEST_CASE("mistakes of a design are refused, all at once") {
  const auto refusal = [](BinDesign design) -> std::string {
    try {
      plan_bins(std::move(design));
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(refusal({25, {25, 20}}) == "");
  CHECK(refusal({25, {30, 20}, BinScope::pair}) == "");
  CHECK(refusal({65, {65}}).find("1 to 64 cores, not 65") != std::string::npos);
  CHECK(refusal({0, {}}).find("at least one bin") != std::string::npos);
  CHECK(refusal({25, {20, 25}}).find("best first") != std::string::npos);
  CHECK(refusal({25, {20, 20}}).find("best first") != std::string::npos);
  const std::string both = refusal({25, {26, 30, -1}});
  CHECK(both.find("asks for 26 good cores of 25") != std::string::npos);
  CHECK(both.find("asks for -1 good cores") != std::string::npos);
}
