#include "verify/population.h"

#include <map>

#include "files/error.h"
#include "verify/exact_zero.h"
#include "verify/inputs.h"

namespace overproof {

std::vector<SymmetricIntervals> population_grams(const PopulationNet& net, const SymmetricIntervals& inner,
                                                 const std::vector<int>& depths, const GramOptions& options) {
  if (net.network == "fc") return population_grams_fc(inner, depths, *net.activation, options);
  std::vector<SymmetricIntervals> grams;
  for (const int depth : depths) {
    if (net.network == "resnet") {
      grams.push_back(population_gram_resnet(inner, depth, net.c_res, *net.activation, options));
    } else {
      if (depth != 1) throw InputError("population Gram matrix, two layers: allowed: depth 1");
      grams.push_back(population_gram_two_layer_relu(inner));
    }
  }
  return grams;
}

std::vector<DecidedEnd> enclose_population_ends(
    const PopulationNet& net, const Dataset& data, const std::vector<int>& depths,
    const EigenOptions& options, const CoefficientCache* cache,
    const std::function<void(int precision, const std::vector<int>& depths)>& progress) {
  std::vector<DecidedEnd> ends(depths.size());
  if (const auto equal = find_equal_inputs(data)) {
    // K^(H) is positive semidefinite and maps e_i − e_j to 0
    const Index n = data.X.cols();
    const Vector difference = Vector::Unit(n, equal->first) - Vector::Unit(n, equal->second);
    for (DecidedEnd& end : ends) end.enclosure = zero_end(difference), end.decided = true;
    return ends;
  }
  const auto open_by_precision = [&] {
    std::map<int, std::vector<std::size_t>> open;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (const std::optional<int> precision = next_precision(ends[i], options))
        open[*precision].push_back(i);
    }
    return open;
  };
  for (auto open = open_by_precision(); !open.empty(); open = open_by_precision()) {
    const auto& [precision, which] = *open.begin();
    std::vector<int> together;
    for (const std::size_t i : which) together.push_back(depths[i]);
    if (progress) progress(precision, together);
    const std::vector<SymmetricIntervals> grams =
        population_grams(net, enclose_inner(data, precision), together,
                         {.precision = precision, .threads = options.threads, .cache = cache});
    for (std::size_t k = 0; k < which.size(); ++k)
      sharpen(ends[which[k]], grams[k], precision, End::smallest, options);
  }
  return ends;
}

}  // namespace overproof
