#include "verify/certificate.h"

#include <fmt/format.h>

#include "files/error.h"
#include "verify/approx_curvature.h"
#include "verify/eigenvalues.h"
#include "verify/norms.h"

namespace overproof {
namespace {

Premises premises_of(const Architecture& net, const Iterate& at, const BackwardBalls& backward, double eta,
                     bool flow) {
  const EigenvalueRange range =
      enclose_eigenvalues(enclose_ntk(net, enclose_grams(net, at.forward, backward.delta)));
  return {enclose_norm(at.residual).upper(), range.smallest.lower(), range.largest.upper(), eta, flow};
}

}  // namespace

Certificate certify(const Architecture& net, Parameters weights, const Dataset& data, double eta, bool flow,
                    LipschitzMethod sharpest) {
  const ActivationRow& row = activation_row(to_text(net.activation));
  Certificate certificate;
  certificate.architecture = net, certificate.normalised = data.normalised;

  std::vector<Up> spectral;
  for (const Matrix& W : weights) {
    certificate.spectral.push_back(enclose_spectral_norm(W).upper());
    spectral.emplace_back(certificate.spectral.back());
  }
  const Kernels& kernels = kernels_of(net.activation);
  const Iterate at =
      enclose_iterate(net, kernels, std::move(weights), spectral, enclose_inputs(data), data.y);
  const BackwardBalls backward = enclose_backward(net, kernels, at.weights, at.norms, at.forward);
  certificate.premises = premises_of(net, at, backward, eta, flow);
  certificate.L = lipschitz_constant(row).upper();
  if (net.activation != Activation::relu) {
    certificate.beta = second_derivative_bound(row).upper();
    certificate.beta_3 = third_derivative_bound(row).upper();
  }
  const LipschitzBounds bounds(net, at, backward, sharpest);
  const auto lipschitz = [&](double r) { return bounds.at(r); };
  certificate.proof = prove_convergence(certificate.premises, lipschitz);
  if (!flow) certificate.oymak_soltanolkotabi = try_oymak_soltanolkotabi(certificate.premises, lipschitz);
  if (!certificate.proof.nodes.empty()) {
    const double radius = certificate.proof.nodes.back().radius;
    for (const LipschitzMethod method : lipschitz_methods)
      if (method <= sharpest) certificate.lipschitz.emplace_back(method, bounds.at(radius, method).value());
  }
  if (sharpest == LipschitzMethod::jacobians)
    certificate.searched = approx_curvature(net, at.weights, network_inputs(data));
  return certificate;
}

std::optional<LipschitzMethod> Certificate::binding() const {
  std::optional<LipschitzMethod> last;
  for (std::size_t k = 0; k < lipschitz.size(); ++k)
    if (k == 0 || lipschitz[k].second < lipschitz[k - 1].second) last = lipschitz[k].first;
  return last;
}

Certificate certify(const Run& run, Index step, bool flow, LipschitzMethod sharpest) {
  if (run.experiment && run.experiment->momentum != 0.0 && !flow) {
    throw InputError(fmt::format("{}: has momentum {}: a certificate is about gradient descent",
                                 run.folder.string(), run.experiment->momentum));
  }
  Certificate certificate =
      certify(run.architecture, load_parameters(run, step), run.data, run.eta, flow, sharpest);
  certificate.run = run.name, certificate.step = step;
  certificate.iterate_sha256 = run.at(step).sha256;
  certificate.data_sha256 = run.data_sha256;
  return certificate;
}

Certificate certify_earliest(const Run& run, bool flow, const std::function<void(Index step)>& progress,
                             LipschitzMethod sharpest) {
  if (run.steps.empty()) throw InputError(run.folder.string() + ": no iterate is stored");
  const bool sharp = sharpest == LipschitzMethod::jacobians;
  const auto at = [&](std::size_t i) {
    if (progress) progress(run.steps[i].step);
    Certificate usual = certify(run, run.steps[i].step, flow);
    return usual.certified() || !sharp ? usual : certify(run, run.steps[i].step, flow, sharpest);
  };
  std::size_t refused = 0, found = run.steps.size() - 1;  // steps before `refused` are taken for refused
  Certificate best = at(found);
  if (!best.certified()) return best;
  while (refused < found) {
    const std::size_t middle = (refused + found) / 2;
    Certificate certificate = at(middle);
    if (certificate.certified()) {
      best = std::move(certificate), found = middle;
    } else {
      refused = middle + 1;
    }
  }
  if (sharp && !best.searched) {
    Certificate certificate = certify(run, best.step, flow, sharpest);
    if (certificate.certified()) return certificate;
  }
  return best;
}

}  // namespace overproof
