#include "cli/shard.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>

#include "base/diagnostics.h"
#include "cli/session.h"

namespace fabcast::cli {

namespace {

Shard shard_of(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) {
    throw InputError(fmt::format(
        "--shard: '{}' is no shard; give I/N, such as 2/8 for the second of eight", escaped(text)));
  }
  Shard shard;
  shard.count = whole_number("--shard I/N, N", text.substr(slash + 1), 1, most_shards);
  shard.index = whole_number("--shard I/N, I", text.substr(0, slash), 1, shard.count);
  return shard;
}

/// Written by merge, so that it comes back to the last bit.
double likeliest_of(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value)) {
    throw InputError(
        fmt::format("--likeliest: '{}' is no number; give the one that merge told", escaped(text)));
  }
  return value;
}

}  // namespace

void add_shard_options(Options& options) {
  namespace po = boost::program_options;
  options.add("Simulation")
      .add_options()(
          "shard", po::value<std::string>(),
          "I/N: run the I-th of N parts, of the same seed and trials; fabcast merge joins them")(
          "likeliest", po::value<std::string>(),
          "with --shard: log likelihood of the likeliest trial, where merge asks for it");
}

void read_shard_options(const Options& options, RunRequest& request) {
  if (!options.has("shard")) {
    if (options.has("likeliest")) throw InputError("--likeliest goes with --shard I/N alone");
    return;
  }
  std::string mistakes;
  const auto noting = [&](const auto& read) {
    try {
      read();
    } catch (const InputError& error) {
      mistakes += std::string(error.what()) + '\n';
    }
  };
  noting([&] { request.shard = shard_of(options.get<std::string>("shard")); });
  if (options.has("likeliest")) {
    noting([&] { request.likeliest = likeliest_of(options.get<std::string>("likeliest")); });
  }
  if (request.precision.is_asked()) {
    mistakes +=
        "--precision looks at all trials, a shard knows its own alone: give --trials, or run "
        "without --shard\n";
  }
  if (options.has("relax")) {
    mistakes +=
        "--relax needs runs of its own beside the shards: leave it out, or run without --shard\n";
  }
  if (options.has("json")) {
    mistakes += "--json tells what a whole run comes to: give it to fabcast merge\n";
  }
  if (options.is_given("format")) {
    mistakes += "--format is of what a whole run writes: give it to fabcast merge\n";
  }
  if (!mistakes.empty()) throw InputError(mistakes);
}

std::string shard_suffix(const RunRequest& request) {
  if (!request.shard) return "";
  return fmt::format("-{}-of-{}", request.shard->index, request.shard->count);
}

int shard_to(const PreparedRun& prepared, ResultDirectory& directory, const RunRequest& request,
             const std::string& out, bool quiet) {
  ShardResult result;
  const bool done = with_progress(
      trials_to_run(*request.shard, request.trials), quiet, request.command,
      [&](const Progress& progress, const NextRun&) { result = run_shard(prepared, progress); });
  if (!done) return 128 + stop_signal();
  const double seconds = result.provenance.seconds;
  const int threads = result.provenance.threads;
  write_shard(std::move(result), directory);
  if (quiet) return 0;
  fmt::print(
      "{}: shard {} of {} trials, {} of them its own; {:.1f} s on {} thread{}\n"
      "Results: {}/{}, run.json\n"
      "Next:    fabcast merge DIR… --out DIR   # all {} shards\n",
      prepared.spec().name, request.shard->text(), request.trials,
      trials_of(*request.shard, request.trials).size(), seconds, threads, threads == 1 ? "" : "s",
      out, shard_file_name, request.shard->count);
  return 0;
}

}  // namespace fabcast::cli
