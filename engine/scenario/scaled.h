#pragma once
/// A value times a factor, in the syntax of scenario files.

#include <string>

#include "scenario/spec.h"

namespace fabcast {

/// The value of a numeric key, all of whose numbers in the key's unit (ends, modes, standard
/// deviations, bounds) are multiplied: the distribution of the product, since every family is one
/// of location and scale, or of scale. Weights, shapes, views, dates, noise and sources stay.
std::string scaled_text(const Setting& setting, double factor);

}  // namespace fabcast
