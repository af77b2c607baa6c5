#pragma once
/// What a run comes to: tables and where they come from. Reports are written from this and nothing
/// else.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "results/table.h"

namespace fabcast {

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
  std::string sampler = "philox";
  int stream_version = 1;
  int threads = 1;
  std::string host_cpu;
  double seconds = 0;
  std::vector<std::pair<std::string, double>> seconds_by_phase;
};

/// A row a trial: chosen series, or what was drawn.
struct KeptTrials {
  std::vector<std::string> columns;  ///< "npus.shipped ascend 2026Q3", "fab.SN2.plan 2024-01"
  std::vector<double> values;        ///< (trials x columns)
  bool empty() const { return columns.empty(); }
};

struct RunResult {
  Table summary, binding, questions, crossings, inputs;
  std::vector<Table> further;  ///< views, observations: where they were asked for
  std::vector<std::string> warnings;
  double effective_trials = 0;  ///< all, where none is weighted
  bool weighted = false;
  KeptTrials trials, drawn;
  Provenance provenance;
  /// "variable entity" of the one-screen summary.
  std::vector<std::pair<std::string, std::string>> headline;
  /// All tables, in the order in which they are written.
  std::vector<const Table*> tables() const;
  /// Products of which the summary says what binds: those that the headline is about.
  std::vector<std::string> headline_products;
};

/// Stopped by the user: there is no result.
struct Interrupted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace fabcast
