#include "stages/bin_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>

#include "base/diagnostics.h"

namespace fabcast {

namespace {

// What the sums over defects are cut for: terms left out are below `series_error` of a bin.
constexpr double lowest_alpha = 0.01;
constexpr double highest_alpha = 1e9;
constexpr double most_defects = 20;  // D0 A
constexpr double series_error = 1e-11;
constexpr size_t longest_series = 1 << 12;
constexpr double least_term = 1e-300;  // denormal terms would not fall any more

// Moore's rule: the integrand is analytic for |Im t| < pi/4, so a step of 0.19 leaves
// e^(-2 pi (pi/4) / 0.19) = 6e-12; with m bad cores it peaks with a width of 1/(2 sqrt m), which a
// step of 0.37/sqrt m resolves as well.
constexpr double moore_widest_step = 0.19;
constexpr double moore_step_of_bad_core = 0.37;

constexpr int gamma_rows = 11, poisson_rows = 6, pair_rows = 2;  // at most, beside one a core

bool is_gamma_mixture(YieldModel model) {
  return model == YieldModel::negative_binomial || model == YieldModel::seeds ||
         model == YieldModel::bose_einstein;
}

/// Chances that N defects, thrown onto n cores, hit exactly m of them, m = 0 … n; for N = 0, 1, ….
class Occupancy {
 public:
  explicit Occupancy(int cores) : hit_(static_cast<size_t>(cores) + 1, 0.0) { hit_[0] = 1; }

  double chance(size_t m) const { return hit_[m]; }
  void next() {
    const double cores = static_cast<double>(hit_.size() - 1);
    for (size_t m = hit_.size(); m-- > 1;) {
      hit_[m] = hit_[m] * static_cast<double>(m) / cores +
                hit_[m - 1] * (cores - static_cast<double>(m - 1)) / cores;
    }
    hit_[0] = 0;
  }

 private:
  std::vector<double> hit_;
};

/// Terms of the sum over N that matter at `alpha` and the most defects; all of them where more than
/// the given ones would.
size_t terms_needed(const std::vector<double>& chances, double alpha, double most_u) {
  const double u = std::min(most_defects / (alpha + most_defects), most_u);
  std::vector<double> terms;
  double sum = 0, product = 1;
  for (size_t n = 0; n < chances.size(); ++n) {
    const double term = product * chances[n];
    terms.push_back(term > least_term ? term : 0);
    sum += terms.back();
    product *= (alpha + static_cast<double>(n)) * u / static_cast<double>(n + 1);
  }
  // Beyond the last term the rest falls at least as fast as a geometric series of its own ratio.
  const size_t last = terms.size() - 1;
  if (terms[last] >= terms[last - 1] && terms[last] > 0) return terms.size();
  double rest = terms[last] > 0 ? terms[last] / (terms[last - 1] / terms[last] - 1) : 0;
  size_t needed = terms.size();
  while (needed > 1 && (rest += terms[needed - 1]) < series_error * sum) --needed;
  return needed;
}

/// One sum of the kernel: dies with fewest_bad to most_bad bad cores.
DefectSum defect_sum(int cores, size_t fewest_bad, size_t most_bad, int target) {
  const double most_u = most_bad == static_cast<size_t>(cores) ? most_u_of_sum : 1.0;
  Occupancy occupancy(cores);
  DefectSum sum{target, {}};
  for (size_t terms = 32;; terms *= 2) {
    for (; sum.chances.size() < terms; occupancy.next()) {
      double chance = 0;
      for (size_t m = fewest_bad; m <= most_bad; ++m) chance += occupancy.chance(m);
      sum.chances.push_back(chance);
    }
    size_t needed = 0;
    for (double alpha = lowest_alpha; alpha <= highest_alpha * 1.01; alpha *= std::sqrt(10.0)) {
      needed = std::max(needed, terms_needed(sum.chances, alpha, most_u));
    }
    if (needed < terms || terms >= longest_series) {
      sum.chances.resize(
          std::min(terms, (needed + terms_per_pass - 1) / terms_per_pass * terms_per_pass));
      return sum;
    }
  }
}

/// The sums of a design: one for each bin, or for each number of bad cores where dies are paired;
/// and last, on its own, that of the dies without a good core, where they are taken.
void plan_gamma_mixture(BinPlan& plan) {
  const size_t cores = static_cast<size_t>(plan.design.cores);
  const size_t most_bad = cores - static_cast<size_t>(plan.fewest);
  const auto add = [&](size_t fewest_bad, size_t last_bad, size_t target) {
    plan.sums.push_back(
        defect_sum(plan.design.cores, fewest_bad, last_bad, static_cast<int>(target)));
  };
  if (plan.design.scope == BinScope::pair) {
    for (size_t m = 0; m <= most_bad; ++m) add(m, m, m);
    return;
  }
  size_t fewest_bad = 0;
  for (size_t b = 0; b < plan.design.min_cores.size(); ++b) {
    const size_t last_bad = cores - static_cast<size_t>(plan.design.min_cores[b]);
    if (last_bad < cores) {
      add(fewest_bad, last_bad, b);
    } else {
      if (fewest_bad < cores) add(fewest_bad, cores - 1, b);
      add(cores, cores, b);
    }
    fewest_bad = last_bad + 1;
  }
}

void plan_murphy(BinPlan& plan) {
  using Rule = boost::math::quadrature::gauss<double, 30>;
  const auto add = [&](double x, double weight) {  // x in [-1, 1]
    for (double node : {(1 + x) / 2, (3 + x) / 2}) {
      plan.node.push_back(node);
      plan.weight.push_back(weight / 2 * std::min(node, 2 - node));
    }
  };
  for (size_t i = 0; i < Rule::abscissa().size(); ++i) {
    add(Rule::abscissa()[i], Rule::weights()[i]);
    add(-Rule::abscissa()[i], Rule::weights()[i]);
  }
}

void plan_moore(BinPlan& plan) {
  const double most_bad = std::max(1, plan.design.cores - plan.fewest);
  const double step = std::min(moore_widest_step, moore_step_of_bad_core / std::sqrt(most_bad));
  const double range = moore_highest_log - moore_lowest_log(0.0, moore_exponent(plan));
  plan.moore_nodes = static_cast<int>(std::ceil(range / step)) + 1;
}

void refuse_mistakes(const BinDesign& design) {
  if (design.min_cores.empty()) throw InputError("a die with bins needs at least one bin");
  const std::vector<std::string> names(design.min_cores.size(), "a bin");
  std::string mistakes;
  for (const BinMistake& mistake : bin_mistakes(design, names)) {
    mistakes +=
        fmt::format("{}{}; {}", mistakes.empty() ? "" : "\n", mistake.message, mistake.remedy);
  }
  if (!mistakes.empty()) throw InputError(mistakes);
}

}  // namespace

std::vector<BinMistake> bin_mistakes(const BinDesign& design, std::span<const std::string> names) {
  if (design.cores < 1 || design.cores > most_cores) {
    return {{0, fmt::format("bins need a die of 1 to {} cores, not {}", most_cores, design.cores),
             "give the die its cores, or remove the bins"}};
  }
  const int most = design.cores * (design.scope == BinScope::pair ? 2 : 1);
  std::vector<BinMistake> mistakes;
  for (size_t b = 0; b < design.min_cores.size(); ++b) {
    const int asked = design.min_cores[b];
    if (asked < 0 || asked > most) {
      mistakes.push_back(
          {b, fmt::format("{} asks for {} good cores of {} that there are", names[b], asked, most),
           fmt::format("give 0 to {} cores", most)});
    } else if (b > 0 && asked >= design.min_cores[b - 1]) {
      mistakes.push_back(
          {b, fmt::format("{} asks for no fewer cores than {} before it", names[b], names[b - 1]),
           "bins stand best first, each with a number of its own"});
    }
  }
  return mistakes;
}

BinPlan plan_bins(BinDesign design) {
  refuse_mistakes(design);
  BinPlan plan;
  plan.design = std::move(design);
  const int cores = plan.design.cores;
  const bool pair = plan.design.scope == BinScope::pair;
  const int least = plan.design.min_cores.back();
  plan.fewest = pair ? std::max(0, least - cores) : least;

  plan.bin_of.assign(static_cast<size_t>((pair ? 2 : 1) * cores) + 1, -1);
  for (size_t b = plan.design.min_cores.size(); b-- > 0;) {
    for (size_t j = static_cast<size_t>(plan.design.min_cores[b]); j < plan.bin_of.size(); ++j) {
      plan.bin_of[j] = static_cast<int>(b);
    }
  }
  double choices = 1;
  for (int m = 0; m <= cores - plan.fewest; ++m) {
    plan.choices.push_back(choices);
    choices = std::round(choices * (cores - m) / (m + 1));
  }
  const int chances = cores - plan.fewest + 1;
  plan.scratch_rows = pair ? pair_rows + chances : 0;
  if (is_gamma_mixture(plan.design.model)) {
    plan_gamma_mixture(plan);
    plan.scratch_rows += gamma_rows;
  } else {
    if (plan.design.model == YieldModel::murphy) plan_murphy(plan);
    if (plan.design.model == YieldModel::moore) plan_moore(plan);
    plan.scratch_rows += poisson_rows + std::max(2, chances);
  }
  return plan;
}

}  // namespace fabcast
