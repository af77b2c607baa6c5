#pragma once
/// Shards of a run as files, and what they come to together.
///
/// A shard is one file, shard.bin: the words "fabcast shard", the SHA-256 of what follows, then the
/// run that it is of, with the texts of its scenario, and what it counted (base/state_stream.h). So
/// nothing of the machine that ran it is needed to merge it, and no bit of it can flip unnoticed.

#include <string>
#include <vector>

#include "study/prepare.h"

namespace fabcast {

inline constexpr const char* shard_file_name = "shard.bin";

/// One part of a run.
struct ShardResult {
  RunRequest request;     ///< with its shard
  Provenance provenance;  ///< what run.json tells; read from a file: what is needed to merge
  ShardCounts counts;
};

/// Runs the shard that the scenario's request names.
ShardResult run_shard(const PreparedScenario& scenario, Progress progress);

/// The bytes of shard.bin.
std::string shard_bytes(ShardResult shard);
/// Reads DIR/shard.bin. Throws IoError where it cannot be read, or is damaged.
ShardResult read_shard(const std::string& directory);

/// Adds up the shards of one run that lie in these directories, in any order: the results of the
/// whole run. `threads` as in a RunRequest. Where quantiles are exact all trials run again, here,
/// of which `next` and `progress` are told. Throws IoError with every file that cannot be read,
/// InputError with every shard that is missing, there twice, or of another run, and where weights
/// were cut and the shards have to be run again; Interrupted.
RunResult merge_shards(const std::vector<std::string>& directories, const std::string& command,
                       int threads, const Progress& progress = {}, const NextRun& next = {});

}  // namespace fabcast
