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

/// Digits enough for the alternating sum of 64 cores, whose terms reach 1e37 where its value may
/// be 1e-290.
using Exact = boost::multiprecision::number<boost::multiprecision::cpp_dec_float<400>,
                                            boost::multiprecision::et_off>;

struct Die {
  double area_cm2, core_share, d0, alpha;
};

/// The chance that an area (of any size) is free of defects.
Exact exact_yield(const BinDesign& design, const Die& die, const Exact& area) {
  const Exact defects = area * Exact(die.d0);
  switch (design.model) {
    case YieldModel::poisson: return exp(-defects);
    case YieldModel::murphy: {
      if (defects == 0) return 1;
      const Exact mean = (1 - exp(-defects)) / defects;
      return mean * mean;
    }
    case YieldModel::seeds: return 1 / (1 + defects);
    case YieldModel::moore: return exp(-sqrt(defects));
    case YieldModel::bose_einstein: return pow(1 + defects, Exact(-design.critical_layers));
    case YieldModel::negative_binomial: break;
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

/// Largest relative error over the bins whose exact value a double can hold well.
double worst_error(const BinDesign& design, const Die& die) {
  const std::vector<double> bins =
      bin_fractions(plan_bins(design), die.area_cm2, die.core_share, die.d0, die.alpha);
  const std::vector<Exact> exact = exact_fractions(design, die);
  double worst = 0;
  for (size_t b = 0; b < bins.size(); ++b) {
    if (exact[b] < 1e-290) continue;
    const Exact error = abs(Exact(bins[b]) / exact[b] - 1);
    worst = std::max(worst, error.convert_to<double>());
  }
  return worst;
}

constexpr YieldModel models[] = {YieldModel::negative_binomial, YieldModel::poisson,
                                 YieldModel::murphy,            YieldModel::seeds,
                                 YieldModel::moore,             YieldModel::bose_einstein};

std::vector<int> every_count(int from, int to) {
  std::vector<int> counts;
  for (int k = from; k >= to; --k) counts.push_back(k);
  return counts;
}

}  // namespace

TEST_CASE("every bin of every model keeps 1e-9, whatever the cores, the clustering and the defects") {
  for (int cores : {1, 2, 9, 25, 36, 64}) {
    for (YieldModel model : models) {
      for (double alpha : {0.01, 0.5, 2.0, 10.0, 1e5, 1e9}) {
        if (model != YieldModel::negative_binomial && alpha != 2.0) continue;
        for (double d0 : {1e-7, 0.002, 0.2, 1.5, 7.0}) {
          for (double share : {0.05, 0.65, 1.0}) {
            const Die die{6.6561, share, d0, alpha};
            const BinDesign design{cores, every_count(cores, 1), BinScope::die, model, 12};
            CAPTURE(cores);
            CAPTURE(static_cast<int>(model));
            CAPTURE(alpha);
            CAPTURE(d0);
            CAPTURE(share);
            CHECK(worst_error(design, die) < 1e-9);
          }
        }
      }
    }
  }
}
