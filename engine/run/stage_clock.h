#pragma once
/// Where the time of one thread goes, by stage. A run without a clock reads none.

#include <time.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace fabcast {

/// What a trial goes through, in order: the pipeline's stages (run/pipeline.cc) from draw_inputs to
/// revenue, then what makes results of its months.
enum class Stage {
  draw_inputs,      ///< once a trial: views, correlated normals, quantiles, the first morning
  inputs_of_month,  ///< paths between anchors, noise
  export_controls,  ///< events
  tool_capacity,
  wafer_starts,
  work_in_process,
  die_yield,
  die_bank,
  memory_supply,
  demand,
  packaging,
  superpod,
  compute,
  revenue,
  fold,       ///< months into quarters and years
  questions,  ///< questions, what binds, observations, kept trials
  counting,   ///< values into the bins of their series, moments
  quantiles   ///< once a run: placing bins by the pilot, reading quantiles off them
};
inline constexpr std::array<std::string_view, 18> stage_names{
    "draw_inputs",     "inputs_of_month", "export_controls", "tool_capacity", "wafer_starts",
    "work_in_process", "die_yield",       "die_bank",        "memory_supply", "demand",
    "packaging",       "superpod",        "compute",         "revenue",       "fold",
    "questions",       "counting",        "quantiles"};
inline constexpr size_t stage_count = stage_names.size();
static_assert(static_cast<size_t>(Stage::quantiles) + 1 == stage_count);

/// Stages up to this one are the pipeline's.
inline constexpr Stage last_pipeline_stage = Stage::revenue;

/// Seconds that the calling thread has computed; other programs on the machine do not count.
inline double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

class StageClock {
 public:
  /// Learns what reading the clock takes (some 0.3 us), which no stage is charged.
  StageClock() {
    reading_ = 1;
    for (int i = 0; i < 100; ++i) {
      const double before = thread_seconds();
      reading_ = std::min(reading_, thread_seconds() - before);
    }
    start();
  }
  /// Forgets the time since the last lap.
  void start() { last_ = thread_seconds(); }
  /// A stage has ended: the time since the last lap was its own.
  void lap(Stage stage) {
    const double now = thread_seconds();
    seconds_[static_cast<size_t>(stage)] += std::max(now - last_ - reading_, 0.0);
    last_ = now;
  }
  const std::array<double, stage_count>& seconds() const { return seconds_; }

 private:
  double reading_, last_;
  std::array<double, stage_count> seconds_{};
};

}  // namespace fabcast
