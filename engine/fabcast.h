#pragma once
/// The public face: load, compile, run, results. The CLI and the bindings include this and study/.

namespace fabcast {

/// "0.1.0"
const char* version();

}  // namespace fabcast
