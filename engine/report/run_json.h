#pragma once

#include <string>

#include "results/run_result.h"

namespace fabcast {

/// run.json: version, build, command, scenario text and its hash, seed, sampler, trials, threads,
/// CPU, seconds by phase. Of a shard, which it says, no results.
std::string run_json(const RunResult& result);

/// The run as one JSON object on standard output: scenario, seed, trials, seconds, questions,
/// headline.
std::string summary_json(const RunResult& result);

}  // namespace fabcast
