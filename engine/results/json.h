#pragma once
/// Parts of results as JSON, and back: in run.json, in what --json prints, in a sweep's journal.

#include <nlohmann/json.hpp>

#include "results/run_result.h"

namespace fabcast {

/// A number that is not finite is null.
nlohmann::ordered_json json_of(const Cell& cell);
/// Numbers come back with their bits; null is an empty cell.
Cell cell_of(const nlohmann::ordered_json& json);

/// The number, or NaN of null.
double number_of(const nlohmann::ordered_json& json);

nlohmann::ordered_json json_of(const ReachedPrecision& reached);
/// Throws nlohmann::json::exception where a member is missing or of another kind.
ReachedPrecision reached_precision_of(const nlohmann::ordered_json& json);

}  // namespace fabcast
