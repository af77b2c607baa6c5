#pragma once
/// What a sweep has done so far, so that an interrupted one goes on: one line a point, appended.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/run_result.h"

namespace fabcast {

/// What is kept of a point.
struct PointRows {
  std::vector<std::vector<Cell>> statistics, questions;
  std::vector<std::string> warnings;
};

/// What makes a sweep the same sweep: each part by its name, for the message that refuses another.
struct SweepIdentity {
  std::vector<std::pair<std::string, std::string>> parts;  ///< "seed", "1"
  std::string command;                                     ///< as typed, to be repeated
};

/// The trials of each point that a precision takes, and what they reach.
struct FoundTrials {
  uint64_t trials = 0;
  std::vector<ReachedPrecision> reached;  ///< of all points
};

/// The first line tells which sweep it is, each other one a point. Every line begins with a
/// checksum: what a kill or a power cut left torn at the end is dropped and run again. Lines are
/// written at once and flushed to disk every few seconds.
class PointJournal {
 public:
  /// Opens the journal of a sweep. `resume`: with the points that it holds; it is made where there
  /// is none. Else a new one is begun, over an old one only with `force`: throws DirectoryHoldsRun.
  /// Throws InputError where it is of another sweep, IoError.
  PointJournal(std::string path, const SweepIdentity& identity, size_t points, bool resume,
               bool force);
  /// One that holds nothing is taken away.
  ~PointJournal();
  PointJournal(const PointJournal&) = delete;
  PointJournal& operator=(const PointJournal&) = delete;

  bool holds_something() const { return holds_something_; }
  /// Points that were done before, by number; they may be taken out.
  std::map<size_t, PointRows>& done() { return done_; }

  /// Of a sweep with a precision, once it is known.
  const std::optional<FoundTrials>& found() const { return found_; }

  /// Not concurrent with itself. Throws IoError.
  void add(const FoundTrials& found);
  void add(size_t point, const PointRows& rows);
  /// To disk. Throws IoError.
  void flush();
  /// The sweep is whole.
  void remove();

 private:
  void read(const SweepIdentity& identity, size_t points);
  void begin(const SweepIdentity& identity);
  void append(const std::string& line);
  [[noreturn]] void fail(const char* doing) const;

  std::string path_;
  int file_ = -1;
  bool holds_something_ = false;  ///< points, or the trials that were found
  std::map<size_t, PointRows> done_;
  std::optional<FoundTrials> found_;
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
};

}  // namespace fabcast
