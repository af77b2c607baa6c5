#include "reduce/counts.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace fabcast {
namespace {

void add_counts(std::vector<uint64_t>& to, const std::vector<uint64_t>& from) {
  if (to.size() != from.size()) throw std::logic_error("counters of different shape were merged");
  for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

NormalReach reach_of(double confidence) {
  return {boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2)};
}

Interval interval_of(double share, uint64_t trials, NormalReach normal) {
  if (trials == 0) return {0, 1};
  const auto n = static_cast<double>(trials);
  const double z = normal.z;
  const double middle = share + z * z / (2 * n);
  const double reach = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {share <= 0 ? 0 : std::max(0.0, (middle - reach) / scale),
          share >= 1 ? 1 : std::min(1.0, (middle + reach) / scale)};
}

}  // namespace

Interval wilson(uint64_t hits, uint64_t trials, double confidence) {
  return wilson(hits, trials, reach_of(confidence));
}

Interval wilson(uint64_t hits, uint64_t trials, NormalReach reach) {
  return interval_of(static_cast<double>(hits) / static_cast<double>(trials), trials, reach);
}

Interval wilson_of_share(double share, uint64_t trials, double confidence) {
  return interval_of(share, trials, reach_of(confidence));
}

std::optional<size_t> quantile_cell(std::span<const uint64_t> cells, double level) {
  const auto all = std::accumulate(cells.begin(), cells.end(), uint64_t{0});
  const double asked = level * static_cast<double>(all);
  uint64_t reached = 0;
  for (size_t cell = 0; cell < cells.size(); ++cell) {
    reached += cells[cell];
    if (reached > 0 && static_cast<double>(reached) >= asked) return cell;
  }
  return {};
}

void EventCounter::add_codes(size_t first, size_t codes, std::span<const double> values) {
  const auto end = static_cast<double>(codes);
  for (const double value : values) {
    if (value >= 0 && value < end && value == std::floor(value)) {
      ++hits_[first + static_cast<size_t>(value)];
    }
  }
}

void EventCounter::merge(const EventCounter& other) { add_counts(hits_, other.hits_); }

void FirstMonthCounter::add(size_t question, std::span<const double> first_months) {
  uint64_t* counts = hits_.data() + question * (months_ + 1);
  const auto end = static_cast<double>(months_);
  for (const double month : first_months) {
    ++counts[month >= 0 && month < end ? static_cast<size_t>(month) : months_];
  }
}

void FirstMonthCounter::merge(const FirstMonthCounter& other) {
  if (months_ != other.months_) throw std::logic_error("counters of different shape were merged");
  add_counts(hits_, other.hits_);
}

uint64_t FirstMonthCounter::trials(size_t question) const {
  const auto counts = row(question);
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

uint64_t FirstMonthCounter::reached_by(size_t question, size_t month) const {
  const auto counts = row(question).first(std::min(month + 1, months_));
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

std::optional<size_t> FirstMonthCounter::quantile(size_t question, double p) const {
  const auto cell = quantile_cell(row(question), p);
  return cell == months_ ? std::nullopt : cell;
}

}  // namespace fabcast
