#include "random/noise_rotation.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace fabcast {

std::vector<double> noise_rotation(int months, double rho) {
  constexpr double least_rho = 0.1;
  const double r = std::max(rho, least_rho), fresh = std::sqrt(1 - r * r);
  Eigen::MatrixXd map = Eigen::MatrixXd::Zero(months, months);
  for (int s = 0; s < months; ++s) {
    double effect = s == 0 ? 1 : fresh;
    for (int m = s; m < months; ++m, effect *= r) map(m, s) = effect;
  }
  // Eigenvalues ascend, and their vectors may point either way.
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved(map.transpose() * map);
  std::vector<double> rotation(static_cast<size_t>(months) * static_cast<size_t>(months));
  for (int k = 0; k < months; ++k) {
    const Eigen::VectorXd vector = solved.eigenvectors().col(months - 1 - k);
    Eigen::Index largest = 0;
    vector.cwiseAbs().maxCoeff(&largest);
    const double sign = vector[largest] < 0 ? -1 : 1;
    for (int m = 0; m < months; ++m) {
      rotation[static_cast<size_t>(m) * static_cast<size_t>(months) + static_cast<size_t>(k)] =
          sign * vector[m];
    }
  }
  return rotation;
}

}  // namespace fabcast
