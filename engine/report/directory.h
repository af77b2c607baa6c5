#pragma once
/// A results directory that is made whole or not at all: files are written beside it, flushed, then
/// renamed into place in one step.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fabcast {

/// Whether a run of some format writes a file of this name.
bool is_file_of_run(std::string_view name);

class ResultDirectory {
 public:
  /// Takes `path` for this run, and makes its parent folders. Throws DirectoryHoldsRun where it
  /// holds something and `force` is not given, or holds something that is no run of ours (a run has
  /// a run.json, or reports of several runs, and nothing but files that runs write), which `force`
  /// does not replace either; DirectoryInUse where another run is writing it; IoError where it
  /// cannot be made. Temporaries lie beside it: .NAME.lock and .NAME.partial-PID; those left by
  /// processes that died are removed.
  ResultDirectory(const std::string& path, bool force);
  /// Takes a directory that holds a run, whose reports alone are to be made again: commit() puts
  /// each file that was written in the place of the one before, and touches no other. Throws as
  /// above; IoError where there is no run.
  struct ReportsAlone {};
  ResultDirectory(const std::string& path, ReportsAlone);
  /// Without commit() nothing is left behind.
  ~ResultDirectory();
  ResultDirectory(const ResultDirectory&) = delete;
  ResultDirectory& operator=(const ResultDirectory&) = delete;

  /// The path of `.NAME.SUFFIX` beside the directory, this run's while it lives.
  std::string beside(std::string_view suffix) const;

  /// Writes one file and flushes it to disk. Throws IoError with the path and the system's reason.
  void write(std::string_view name, std::string_view bytes);
  /// The same of what `make` hands to its sink piece by piece: more than should be held at once.
  using Sink = std::function<void(std::string_view piece)>;
  void write_pieces(std::string_view name, const std::function<void(const Sink& sink)>& make);
  /// The same of a file that `make` writes, with its temporaries, at the path that it is given.
  void write_by(std::string_view name, const std::function<void(const std::string& path)>& make);
  /// Puts the directory in its place, replacing the old run where there is one. Throws IoError, or
  /// DirectoryHoldsRun where something else has taken the old run's place meanwhile; what is there
  /// then stays as it is.
  void commit();

 private:
  void take(const std::string& path);
  void put_reports();
  void take_lock();
  void release_lock() const;
  void check_target();
  void make_partial();
  void remove_stale_partials() const;

  std::string path_, parent_, name_, partial_, lock_;
  int lock_file_ = -1;
  bool force_ = false, replaces_ = false, committed_ = false, reports_alone_ = false;
  std::vector<std::string> written_;       ///< names of files
  std::vector<std::string> made_parents_;  ///< folders above path_ that were not there, from it up
};

}  // namespace fabcast
