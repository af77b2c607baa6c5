#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "results/run_result.h"

namespace fabcast {

/// run.json: version, build, command, scenario text and its hash, seed, sampler, trials, threads,
/// CPU, seconds by phase; with --precision also what was asked and reached. Of a
/// shard, which it says, no results.
std::string run_json(const RunResult& result);

/// The run as one JSON object on standard output: scenario, seed, trials, seconds, questions,
/// headline; precision where it was asked.
std::string summary_json(const RunResult& result);

/// Whether the precision that was asked was met, the most trials that it might take, and of each
/// statistic its 90 % interval, the half width asked and reached (`absolute`: in its unit, of a
/// chance 0.01 is a point; else relative to the value; null where that is 0).
nlohmann::ordered_json precision_json(const RunResult& result);

}  // namespace fabcast
