#pragma once
/// Normals of an AR(1) path in an order in which the first ones matter most.

#include <vector>

namespace fabcast {

/// The orthogonal V, row-major months x months, with which xi = V z are the innovations of the path
///   y(0) = xi(0),   y(m) = rho y(m-1) + sqrt(1 - rho^2) xi(m)
/// and z_1 moves the whole path most, z_2 most of what is left, and so on: columns of V are the
/// right singular vectors of the map from xi to y (principal components of the path; Acworth,
/// Broadie and Glasserman 1998, doi:10.1007/978-1-4612-1690-2_1). As V is orthogonal, xi are
/// independent standard normals where z are, and the path has the same law. rho in [0, 1). Below
/// 0.1 the vectors of 0.1 are taken: those of a path without memory would be single months.
std::vector<double> noise_rotation(int months, double rho);

}  // namespace fabcast
