#pragma once
/// Carries an exception out of a parallel loop: one that left it by itself would end the program.

#include <atomic>
#include <exception>
#include <mutex>

namespace fabcast {

class FirstError {
 public:
  /// Does the work, unless some has failed already.
  template <class Work>
  void run(const Work& work) noexcept {
    if (failed_) return;
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      failed_ = true;
    }
  }
  bool failed() const { return failed_; }
  /// After the loop: throws the first exception, if any.
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace fabcast
