#pragma once
/// What the compiled scenario's indices are called: for tables and messages, never for stages.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/units.h"

namespace fabcast {

/// One numeric key as resolved, for the inputs sheet.
struct InputName {
  std::string key;    ///< "fab.SN2.plan"
  std::string value;  ///< as written, with its unit
  std::string unit;   ///< that of the value as written, or those
  std::vector<std::string> sources;
  std::string set_at;  ///< "base-2026-05.scn:120" or "default"
  int uncertain = -1;  ///< index into InputsPlan::uncertain; -1: known
};

struct Names {
  std::map<std::string, std::vector<std::string>, std::less<>> entities;  ///< by section kind
  std::vector<std::string> claim_die_family;                              ///< by claim
  std::vector<std::string> product_family;                                ///< by product
  std::vector<std::string> die_family;                                    ///< by die
  std::vector<std::string> milestone_family;                              ///< "" for all
  std::vector<std::string> event;       ///< by plan: in the order in which events are decided
  std::vector<std::string> pool;        ///< "ascend910.full", by die pool
  std::vector<std::string> tool_class;  ///< by tool: "immersion"
  std::vector<InputName> inputs;

  const std::vector<std::string>& of(std::string_view kind) const {
    return entities.find(kind)->second;
  }
};

}  // namespace fabcast
