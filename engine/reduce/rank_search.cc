#include "reduce/rank_search.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "base/first_error.h"
#include "reduce/quantile_bins.h"
#include "reduce/sort.h"

namespace fabcast {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A pass may come to a little more than was counted, by the rounding of values of the pilot.
constexpr uint64_t slack = 16;
/// Doubles to each side of a multiple within which its copies lie, as sums were rounded.
constexpr int roundings = 8;
/// Parts of a bin within which the rank next to its interpolated value lies, most often and nearly
/// always.
constexpr double nearest = 1.0 / 64, near = 1.0 / 16;
/// Passes that cut by value. Cuts by the order of the doubles, of which there are 2^64, end after
/// some ten passes more, wherever values lie.
constexpr int passes_by_value = 5;
constexpr size_t most_edges = most_bins - 1;

/// Doubles, but NaNs, in their order as whole numbers.
int64_t order_of(double value) {
  const auto bits = std::bit_cast<int64_t>(value);
  return bits < 0 ? std::numeric_limits<int64_t>::min() - bits : bits;
}
double of_order(int64_t order) {
  return std::bit_cast<double>(order < 0 ? std::numeric_limits<int64_t>::min() - order : order);
}

/// A part of the way from low to high, by value.
double part_of_values(double low, double high, double part) {
  const double width = high - low;
  return std::isfinite(width) ? low + part * width : (1 - part) * low + part * high;
}

/// The same by the order of the doubles between them, which far from zero goes by ratios.
double part_of_doubles(double low, double high, double part) {
  const auto from = static_cast<uint64_t>(order_of(low));
  const auto doubles = static_cast<double>(static_cast<uint64_t>(order_of(high)) - from);
  return of_order(static_cast<int64_t>(from + static_cast<uint64_t>(part * doubles)));
}

/// Whether ratios between the two are such that even steps by value would leave most cells empty.
bool is_wide(double low, double high) {
  constexpr double ratio = 8;
  return (low > 0 && high > ratio * low) || (high < 0 && low < ratio * high);
}

double next_after(double value) { return std::nextafter(value, infinity); }

}  // namespace

RankSearch::RankSearch(size_t series)
    : series_(series), filled_(new std::atomic<uint64_t>[std::max<size_t>(series, 1)]) {}

uint64_t RankSearch::memory_bytes(size_t series, uint64_t most_kept, int threads) {
  constexpr uint64_t ranks = 4 * reported_quantiles.size();
  const uint64_t of_series =
      sizeof(OfSeries) + ranks * (sizeof(Sought) + sizeof(Bracket) + sizeof(double));
  const uint64_t of_thread = most_bins * sizeof(uint32_t);
  const uint64_t cutting = most_bins * (2 * sizeof(double) + sizeof(uint64_t)) +
                           static_cast<uint64_t>(threads) * of_thread;
  return series * of_series + std::max<uint64_t>(most_kept * sizeof(double), series * cutting);
}

void RankSearch::ask(size_t index, std::vector<uint64_t> ranks, const CountedBins& counted) {
  OfSeries& series = series_[index];
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  if (ranks.size() > most_ranks) {
    throw std::logic_error(fmt::format("{} ranks of one series are asked for", ranks.size()));
  }
  series.values = std::accumulate(counted.counts.begin(), counted.counts.end(), uint64_t{0});
  series.lowest = counted.lowest;
  series.highest = counted.highest;
  if (!ranks.empty() && ranks.back() >= series.values) {
    throw std::logic_error(
        fmt::format("rank {} of {} values is asked for", ranks.back(), series.values));
  }
  for (const uint64_t rank : ranks) {
    const bool is_last = rank + 1 == series.values;
    series.sought.push_back({rank, is_last ? counted.highest : counted.lowest,
                             is_last || rank == 0 || counted.lowest == counted.highest});
  }
  if (series.task == Task::keep) return;  // its pass has run already
  series.table = counted.table;
  series.rule = counted.rule;
  series.step = BinEdges(counted.table, counted.rule, counted.lowest, counted.highest).step();
  bracket(series, counted.counts);
}

void RankSearch::look_between(OfSeries& series, Sought& sought, Bracket between) {
  between.low = std::max(between.low, series.lowest);
  between.high = std::max(between.low, std::min(between.high, next_after(series.highest)));
  // Computed bins end within rounding of what is taken for their ends; the floor's is compared.
  const bool is_sharp = !series.rule.zones || between.bin == floor_bin;
  if (is_sharp && end_of_atom(between.low) >= between.high) {
    sought.value = between.low;
    sought.found = true;
    return;
  }
  if (!series.brackets.empty() && series.brackets.back().low == between.low) return;
  series.brackets.push_back(between);
}

template <class Count>
void RankSearch::bracket(OfSeries& series, std::span<const Count> counts) {
  const BinEdges bins(series.table, series.rule, series.lowest, series.highest);
  const std::span<const double> edges = bins.inner();
  series.brackets.clear();
  series.overflowed = 0;
  series.must_cut = false;
  size_t bin = 0;
  uint64_t before = 0;
  for (Sought& sought : series.sought) {
    if (sought.found) continue;
    while (before + counts[bin] <= sought.rank) before += counts[bin++];
    look_between(series, sought,
                 {bin == 0 ? -infinity : edges[bin - 1],
                  bin == edges.size() ? infinity : edges[bin], before, counts[bin], bin});
  }
}

void RankSearch::plan_to_keep(OfSeries& series) {
  series.task = Task::keep;
  series.cell_of.resize(bins_of(series.rule));
  size_t bin = 0;
  uint8_t cell = 0;
  for (const Bracket& bracket : series.brackets) {
    while (bin < bracket.bin) series.cell_of[bin++] = cell;
    series.cell_of[bin++] = static_cast<uint8_t>(cell + 1);
    cell = static_cast<uint8_t>(cell + 2);
  }
  while (bin < series.cell_of.size()) series.cell_of[bin++] = cell;
}

void RankSearch::plan_to_cut(OfSeries& series) const {
  series.task = Task::cut;
  std::vector<double> edges;
  const size_t inner = most_edges / series.brackets.size() - 2;  // its ends are edges too
  for (const Bracket& bracket : series.brackets) {
    const auto begin = static_cast<ptrdiff_t>(edges.size());
    const auto room = [&] { return inner - (edges.size() - static_cast<size_t>(begin)); };
    // Copies of one value apart from all else: the multiples, or whole numbers, which outputs
    // count.
    const double step = series.step > 0 ? series.step : 1;
    const double first = std::ceil(bracket.low / step), last = std::floor(bracket.high / step);
    constexpr double last_whole = 0x1p53;  // up to which there is a next one
    if (4 * (last - first + 1) <= static_cast<double>(inner) && -last_whole < first &&
        last < last_whole) {
      for (double multiple = first; multiple <= last; ++multiple) {
        const int64_t middle = order_of(multiple * step);
        edges.push_back(of_order(middle - roundings));
        edges.push_back(of_order(middle + roundings + 1));
      }
    }
    const bool by_order = passes_ > passes_by_value || is_wide(bracket.low, bracket.high);
    // Close to where ranks are if density is even, and evenly.
    double last_part = -1;
    for (const Sought& sought : series.sought) {
      if (by_order || sought.found || sought.rank < bracket.before) continue;
      const double part = (static_cast<double>(sought.rank - bracket.before) + 0.5) /
                          static_cast<double>(bracket.count);
      if (part > 1 || part - last_part < nearest || room() < 4) continue;
      for (const double offset : {-nearest, nearest, -near, near}) {
        edges.push_back(
            part_of_values(bracket.low, bracket.high, std::clamp(part + offset, 0.0, 1.0)));
      }
      last_part = part;
    }
    const auto even = static_cast<double>(room() + 1);
    for (double i = 1; i < even; ++i) {
      edges.push_back(by_order ? part_of_doubles(bracket.low, bracket.high, i / even)
                               : part_of_values(bracket.low, bracket.high, i / even));
    }
    std::for_each(edges.begin() + begin, edges.end(),
                  [&](double& edge) { edge = std::clamp(edge, bracket.low, bracket.high); });
    edges.insert(edges.end(), {bracket.low, bracket.high});
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  series.tree.resize(most_bins);
  series.rule = make_tree(edges, std::span(series.tree).first<most_bins>());
  series.table = series.tree.data();
}

void RankSearch::plan_to_keep_all(uint64_t values) {
  ++passes_;
  size_t kept = 0, counts = 0;
  for (OfSeries& series : series_) {
    series.values = series.capacity = values;
    series.brackets = {{-infinity, infinity, 0, values, 0}};
    series.first = counts;
    series.kept_at = kept;
    plan_to_keep(series);
    counts += series.cells();
    kept += values;
  }
  make_room(kept, counts);
}

void RankSearch::make_room(size_t kept, size_t counts) {
  kept_.resize(kept);
  counts_.assign(counts, 0);
  for (size_t s = 0; s < series_.size(); ++s) filled_[s] = 0;
}

bool RankSearch::plan(uint64_t most_kept, int threads) {
  if (passes_ > 0) take_up(threads);
  uint64_t all = 0;
  for (OfSeries& series : series_) {
    series.task = Task::rest;
    if (series.brackets.empty()) continue;
    series.capacity = slack * series.brackets.size();
    for (const Bracket& bracket : series.brackets) series.capacity += bracket.count;
    series.capacity = std::max(series.capacity, series.overflowed);
    all += series.capacity;
  }
  if (all == 0) return false;
  ++passes_;
  size_t kept = 0, counts = 0;
  for (OfSeries& series : series_) {
    if (series.brackets.empty()) continue;
    series.first = counts;
    if (all <= most_kept && !series.must_cut) {
      plan_to_keep(series);
      series.kept_at = kept;
      kept += series.capacity;
      counts += series.cells();
    } else {
      plan_to_cut(series);
      counts += bins_of(series.rule);
    }
  }
  make_room(kept, counts);
  return true;
}

RankSearch::Pass::Pass(RankSearch& search) : search_(&search), counts_(search.counts_.size()) {}

template <class T>
void RankSearch::take(Pass& pass, size_t index, std::span<const T> values) {
  const OfSeries& series = series_[index];
  uint32_t* counts = pass.counts_.data() + series.first;
  if (series.task == Task::cut) count_in_bins(values, series.table, series.rule, counts);
  if (series.task != Task::keep) return;
  constexpr size_t most = 256;
  for (size_t done = 0; done < values.size(); done += most) {
    const auto part = values.subspan(done, std::min(most, values.size() - done));
    int bin[most];
    double within[most];
    find_bins(part, series.table, series.rule, bin);
    const uint8_t* cell_of = series.cell_of.data();
    size_t many = 0;
    for (size_t i = 0; i < part.size(); ++i) {
      const uint8_t cell = cell_of[bin[i]];
      ++counts[cell];
      within[many] = static_cast<double>(part[i]);
      many += cell % 2;
    }
    if (many == 0) continue;
    const uint64_t at = filled_[index].fetch_add(many, std::memory_order_relaxed);
    if (at >= series.capacity) continue;  // found out when the pass has ended
    std::copy_n(within, std::min<uint64_t>(many, series.capacity - at),
                kept_.data() + series.kept_at + at);
  }
}

void RankSearch::Pass::take(size_t series, std::span<const double> values) {
  search_->take(*this, series, values);
}

void RankSearch::Pass::take(size_t series, std::span<const float> values) {
  search_->take(*this, series, values);
}

void RankSearch::merge(Pass&& pass) {
  const Pass taken = std::move(pass);
  for (size_t c = 0; c < counts_.size(); ++c) counts_[c] += taken.counts_[c];
}

void RankSearch::take_up(int threads) {
  FirstError error;
#pragma omp parallel num_threads(std::max(1, threads))
  {
    ValueSorter sorter;
#pragma omp for schedule(dynamic, 64)
    for (size_t s = 0; s < series_.size(); ++s) {
      error.run([&] {
        OfSeries& series = series_[s];
        if (series.task == Task::rest) return;
        const bool keeps = series.task == Task::keep;
        const std::span<const uint64_t> counts(counts_.data() + series.first,
                                               keeps ? series.cells() : bins_of(series.rule));
        const uint64_t values = std::accumulate(counts.begin(), counts.end(), uint64_t{0});
        if (values != series.values) {
          throw std::logic_error(
              fmt::format("series {} was given {} of {} values", s, values, series.values));
        }
        if (keeps) {
          choose(s, counts, sorter);
        } else {
          bracket(series, counts);
        }
      });
    }
  }
  error.rethrow();
}

void RankSearch::choose(size_t index, std::span<const uint64_t> counts, ValueSorter& sorter) {
  OfSeries& series = series_[index];
  const uint64_t filled = filled_[index];
  if (filled > series.capacity) {  // again, with room for all
    series.overflowed = filled;
    return;
  }
  const std::span<double> kept(kept_.data() + series.kept_at, filled);
  sorter.sort(kept);
  const std::vector<Bracket> brackets = std::move(series.brackets);
  series.brackets.clear();
  uint64_t before = 0;
  size_t kept_before = 0, cell = 0;
  for (Sought& sought : series.sought) {
    while (before + counts[cell] <= sought.rank) {
      before += counts[cell];
      if (cell % 2 == 1) kept_before += counts[cell];
      ++cell;
    }
    if (sought.found) continue;
    if (cell % 2 == 1) {
      sought.value = kept[kept_before + (sought.rank - before)];
      sought.found = true;
      continue;
    }
    const size_t next = cell / 2;  // the bracket that follows
    look_between(
        series, sought,
        {next == 0 ? -infinity : brackets[next - 1].high,
         next == brackets.size() ? infinity : brackets[next].low, before, counts[cell], 0});
    series.must_cut = true;
  }
}

double RankSearch::value(size_t index, uint64_t rank) const {
  const std::vector<Sought>& all = series_[index].sought;
  const auto at =
      std::lower_bound(all.begin(), all.end(), rank,
                       [](const Sought& sought, uint64_t r) { return sought.rank < r; });
  if (at == all.end() || at->rank != rank || !at->found) {
    throw std::logic_error(fmt::format("rank {} was not looked for", rank));
  }
  return at->value;
}

}  // namespace fabcast
