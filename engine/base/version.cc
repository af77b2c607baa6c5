#include "base/version.h"

namespace fabcast {

const char* version() { return FABCAST_VERSION; }

}  // namespace fabcast
