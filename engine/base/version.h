#pragma once

namespace fabcast {

/// "0.1.0"
const char* version();

}  // namespace fabcast
