#pragma once
/// Results read back from their directory, so that reports can be made again without a run.

#include <string>
#include <vector>

#include "results/run_result.h"

namespace fabcast {

/// A larger file of results is refused.
inline constexpr size_t most_result_bytes = size_t{1} << 30;

/// What a run wrote into a directory, all but the kept trials: run.json and the tables that it
/// names. Numbers have the bits that they had; an empty text and a number that is none are empty
/// cells. The files are untrusted: mistakes are thrown as InputError, with file:line:column, and
/// what cannot be read, or lies there no longer, as IoError.
RunResult read_results(const std::string& directory);

/// Several runs as one: tables below one another, told apart by the scenario's name, or where two
/// have the same by it and the directory's: "baseline (results/hibl)". What each compared and swept
/// stands in `parts`; a table `runs` tells where each comes from, and nothing else claims a
/// scenario, trials or a seed for all of them. Of several sweeps each keeps its own tables:
/// "sweep (results/dram)".
RunResult joined_results(std::vector<RunResult> results,
                         const std::vector<std::string>& directories);

}  // namespace fabcast
