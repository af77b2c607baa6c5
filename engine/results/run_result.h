#pragma once
/// What a run comes to: tables and where they come from. Reports are written from this and nothing
/// else.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "results/compared.h"
#include "results/swept.h"
#include "results/table.h"

namespace fabcast {

/// What a variable means, for dictionaries.
struct VariableMeaning {
  std::string variable, unit, meaning;
};

/// Where results come from; run.json.
struct Provenance {
  std::string version, build;
  std::string command;  ///< as typed
  std::string scenario, title;
  std::string first_month, last_month;
  std::vector<std::pair<std::string, std::string>> files;  ///< path and text of each file read
  std::string scenario_text;                               ///< the scenario whole, as resolved
  std::string scenario_sha256;
  uint64_t seed = 1, trials = 0;
  size_t runs = 1;    ///< that were joined; then all but the table of runs is empty
  std::string shard;  ///< "2/8" of one part of a run, "" of a whole one
  std::string sampler = "philox";
  uint64_t replicates = 1;  ///< of a sampler whose trials depend on one another
  /// "philox"; "sobol, 8 replicates of 2048 trials, whose differences tell the errors"
  std::string sampler_text() const;
  std::string quantiles = "binned";  ///< or "exact": those of statistics
  std::string seed_text() const;     ///< "seed 1"; "seed 1, sobol in 8 replicates"
  int stream_version = 1;
  int threads = 1;
  std::string host_cpu;
  double seconds = 0;
  std::vector<std::pair<std::string, double>> seconds_by_phase;
  std::vector<VariableMeaning> variables;  ///< all that this version reports
};

/// A row a trial: chosen series, or what was drawn.
struct KeptTrials {
  std::vector<std::string> columns;  ///< "npus.shipped ascend 2026Q3", "fab.SN2.plan 2024-01"
  std::vector<double> values;        ///< (trials x columns)
  bool empty() const { return columns.empty(); }
};

/// How tight a statistic became that --precision asked for. Intervals are 90 % Monte Carlo ones.
struct ReachedPrecision {
  std::string scenario;
  std::string of;    ///< "npus.shipped ascend950pr 2027 p50", or a question's name
  std::string unit;  ///< of value, low and high; "" of a chance
  /// Half widths are in the value's own unit; else relative to the value.
  bool is_absolute = false;
  double value = 0, low = 0, high = 0;
  double asked = 0, half_width = 0;  ///< infinite where it is relative to 0
  double effective_trials = 0;
  bool met = false;
};

/// A view, what it weighs, and what share of the trials follow it: another where they are weighted.
struct ViewShare {
  std::string group, view;  ///< group "" of [view]
  double weight = 0, share = 0;
  std::string scenario = {};  ///< of joined runs
};

/// The wafer of a scenario's main die, to be drawn.
struct WaferFigure {
  std::string scenario, die;
  double width_mm = 0, height_mm = 0;  ///< where a trial draws them, their medians
  bool square = false;                 ///< only the area is known: the sides of a square
  double wafer_mm = 300, edge_exclusion_mm = 3, scribe_mm = 0.1, notch_mm = 0;
  bool reticle_aligned = false;
};

/// One of several runs that a report joins: what is of it alone.
struct RunPart {
  std::string directory;
  std::vector<std::string> scenarios;  ///< as the report names them
  Compared compared;
  Swept swept;
};

struct RunResult {
  Table summary, binding, questions, crossings, exceedance, inputs, sources;
  std::vector<Table> further;  ///< views, observations: where they were asked for
  std::vector<std::string> warnings;
  double effective_trials = 0;  ///< all, where none is weighted
  bool weighted = false;
  std::vector<ReachedPrecision> precision;  ///< empty where none was asked
  uint64_t most_trials = 0;                 ///< that precision might take
  KeptTrials trials, drawn;
  Provenance provenance;
  /// "variable entity" of the one-screen summary.
  std::vector<std::pair<std::string, std::string>> headline;
  /// All tables, in the order in which they are written.
  std::vector<const Table*> tables() const;
  /// Products of which the summary says what binds: those that the headline is about.
  std::vector<std::string> headline_products;
  // What pictures need beside the tables; in run.json.
  std::vector<ViewShare> views;  ///< of the first scenario
  std::vector<WaferFigure> wafers;
  Compared compared;           ///< of several scenarios
  Swept swept;                 ///< of a sweep
  std::vector<RunPart> parts;  ///< of joined runs; then `compared` and `swept` are empty
};

/// Stopped by the user: there is no result.
struct Interrupted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace fabcast
