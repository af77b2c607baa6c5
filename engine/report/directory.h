#pragma once
/// A results directory that is made whole or not at all: files are written beside it, flushed, then
/// renamed into place in one step.

#include <string>
#include <string_view>

namespace fabcast {

class ResultDirectory {
 public:
  /// Takes `path` for this run, and makes its parent folders. Throws DirectoryHoldsRun where it
  /// holds something and `force` is not given, or holds something that is no run of ours (a run has
  /// a run.json and nothing but files that runs write), which `force` does not replace either;
  /// DirectoryInUse where another run is writing it; IoError where it cannot be made. Temporaries
  /// lie beside it: .NAME.lock and .NAME.partial-PID; those left by processes that died are
  /// removed.
  ResultDirectory(const std::string& path, bool force);
  /// Without commit() nothing is left behind.
  ~ResultDirectory();
  ResultDirectory(const ResultDirectory&) = delete;
  ResultDirectory& operator=(const ResultDirectory&) = delete;

  /// The path of `.NAME.SUFFIX` beside the directory, this run's while it lives.
  std::string beside(std::string_view suffix) const;

  /// Writes one file and flushes it to disk. Throws IoError with the path and the system's reason.
  void write(std::string_view name, std::string_view bytes);
  /// Puts the directory in its place, replacing the old run where there is one. Throws IoError, or
  /// DirectoryHoldsRun where something else has taken the old run's place meanwhile; what is there
  /// then stays as it is.
  void commit();

 private:
  void take_lock();
  void release_lock() const;
  void check_target();
  void make_partial();
  void remove_stale_partials() const;

  std::string path_, parent_, name_, partial_, lock_;
  int lock_file_ = -1;
  bool force_, replaces_ = false, committed_ = false;
};

}  // namespace fabcast
