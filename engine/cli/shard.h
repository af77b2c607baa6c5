#pragma once
/// What `fabcast run --shard I/N` does otherwise than a run.

#include <string>

#include "cli/options.h"
#include "fabcast.h"

namespace fabcast::cli {

/// --shard, --likeliest.
void add_shard_options(Options& options);
/// Reads them; what does not go with --shard is thrown, all at once.
void read_shard_options(const Options& options, RunRequest& request);

/// "-2-of-8", of directories that nobody named; "" without --shard.
std::string shard_suffix(const RunRequest& request);

/// Runs and writes the shard, and tells what to do next. An exit status.
int shard_to(const PreparedRun& prepared, ResultDirectory& directory, const RunRequest& request,
             const std::string& out, bool quiet);

}  // namespace fabcast::cli
