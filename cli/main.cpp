#include <cblas.h>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "bounds/parallel.h"
#include "cli/commands.h"
#include "files/error.h"
#include "reports/text.h"
#include "verify/machine.h"

namespace {

using overproof::Options;

void add_common(CLI::App& command, Options& options) {
  command.add_option("--out", options.out, "folder of runs and reports")->capture_default_str();
  command.add_option("--threads", options.threads, "threads of the linear algebra; 0: all cores")
      ->check(CLI::Range(0, 1024));
  command.add_flag("--quiet", options.quiet, "no progress, no summary");
}
void add_training(CLI::App& command, Options& options) {
  command.add_option("--data", options.data, "folder in which data files are looked up")
      ->capture_default_str();
  command.add_option("--seed", options.seed, "replaces the training seed of every run")
      ->check(CLI::NonNegativeNumber);
}
void add_judging(CLI::App& command, Options& options) {
  command.add_option("--theorems", options.theorems, "folder with further theorem files (*.toml)");
  command.add_option("--json", options.json, "also write the report as JSON here");
  command.add_option("--junit", options.junit, "also write the report as JUnit XML here");
}
void add_printing(CLI::App& command, Options& options) {
  command.add_flag("--json", options.as_json, "print JSON");
  command.add_option("--threads", options.threads, "threads; 0: all cores")->check(CLI::Range(0, 1024));
  command.add_flag("--quiet", options.quiet,
                   "no progress and no text, only the exit code and the JSON that was asked for");
}
void add_enclosing(CLI::App& command, Options& options) {
  command.add_option("--precision", options.precision, "bits up to which precision grows; 53: doubles only")
      ->check(CLI::Range(53, 16384))
      ->capture_default_str();
  add_printing(command, options);
}

int run(int argc, char** argv) {
  CLI::App app{"overproof: checks convergence theorems of over-parameterised networks on concrete runs"};
  app.set_version_flag("--version", OVERPROOF_VERSION);
  app.require_subcommand(1);
  Options options;

  CLI::App& check =
      *app.add_subcommand("check", "train, verify, report, gate (without SUITE: the embedded quickstart)");
  check.add_option("SUITE", options.suite, "suite file (TOML)");
  add_common(check, options), add_training(check, options), add_judging(check, options);

  CLI::App& train = *app.add_subcommand("train", "train the runs of a suite and store them");
  train.add_option("SUITE", options.suite, "suite file (TOML)");
  add_common(train, options), add_training(train, options);

  CLI::App& verify = *app.add_subcommand("verify", "judge stored runs by the claims they carry");
  verify.add_option("RUN", options.runs, "run folders")->required();
  verify.add_option("--suite", options.suite, "take the claims of the runs of the same name from this suite");
  add_common(verify, options), add_judging(verify, options);

  CLI::App& report =
      *app.add_subcommand("report", "write report.md and junit.xml again from DIR/report.json");
  report.add_option("DIR", options.out, "folder that check wrote")->required();
  report.add_flag("--quiet", options.quiet, "no summary");

  CLI::App& theorems = *app.add_subcommand(
      "theorems", "list the statements, or show one with formulas, source, growth, errata");
  theorems.add_option("ID", options.theorem, "id of a statement");
  theorems.add_option("--theorems", options.theorems, "folder with further theorem files (*.toml)");

  CLI::App& certify = *app.add_subcommand(
      "certify", "prove that a run converges to zero training loss from a stored step on");
  certify.add_option("RUN", options.runs, "run folder")->required()->expected(1);
  certify.add_option("--at", options.at, "a stored step, or earliest: the first that bisection finds")
      ->capture_default_str();
  certify.add_flag("--flow", options.flow, "of gradient flow, without a step size");
  certify
      .add_option("--train-on", options.train_on,
                  "go on training for this many steps, in a folder of its own, where none is certified")
      ->check(CLI::Range(1, 1'000'000'000));
  certify.add_flag("--sharp", options.sharp,
                   "a sharper, slower bound of the curvature: spectral norms of Jacobians between layers");
  add_printing(certify, options);

  CLI::App& width = *app.add_subcommand(
      "width", "find the smallest width certified at initialisation, beside the widths theorems ask for");
  width.add_option("SUITE", options.suite, "suite file (TOML) with the data and the net")->required();
  width.add_option("--run", options.run, "name of the run; needed where there are several");
  width.add_option("--most", options.most, "the largest width to try")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  width.add_flag("--flow", options.flow, "of gradient flow, without a step size");
  width.add_option("--theorems", options.theorems, "folder with further theorem files (*.toml)");
  add_training(width, options), add_printing(width, options);

  CLI::App& recheck =
      *app.add_subcommand("recheck", "check a certificate again, from the run alone, by separate code");
  recheck.add_option("CERTIFICATE", options.certificate, "certificate-STEP.json")->required();
  recheck.add_option("RUN", options.runs, "run folder")->required()->expected(1);
  recheck.add_flag("--json", options.as_json, "print JSON");
  recheck.add_flag("--quiet", options.quiet, "only the exit code and the JSON that was asked for");

  CLI::App& eigen =
      *app.add_subcommand("eigen", "enclose lambda_min, lambda_max and the 2-norm of a symmetric matrix");
  eigen.add_option("FILE", options.matrix, "matrix of doubles, *.npy or *.csv")->required();
  add_enclosing(eigen, options);

  CLI::App& gram = *app.add_subcommand("gram", "enclose lambda_min of the population Gram matrices K^(H)");
  gram.add_option("--arch", options.network, "fc, resnet or two_layer_relu")
      ->check(CLI::IsMember({"fc", "resnet", "two_layer_relu"}));
  gram.add_option("--depth", options.depth, "H (a table up to H), a..b, a..b..step, or a list of them");
  gram.add_option("--activation", options.activation, "its name");
  gram.add_option("--c-res", options.c_res, "scale of the residual branches; default 0.5");
  CLI::Option& inputs =
      *gram.add_option("--inputs", options.inputs, "one sample a row, *.npy or *.csv; they are normalised");
  CLI::Option& suite =
      *gram.add_option("--suite", options.suite, "take data and network from a run of this suite");
  gram.add_option("--run", options.run, "name of the run")->needs(&suite);
  gram.add_option("--data", options.data, "folder in which data files are looked up")->needs(&suite);
  inputs.excludes(&suite);
  for (CLI::Option* sphere : {gram.add_option("--n", options.n, "number of random inputs on the sphere"),
                              gram.add_option("--d", options.d, "their dimension"),
                              gram.add_option("--seed", options.seed, "their seed; default 0")})
    sphere->excludes(&suite)->excludes(&inputs)->capture_default_str();
  gram.add_option("--digits", options.digits, "digits of lambda_min")
      ->check(CLI::Range(1, 250))
      ->capture_default_str();
  gram.add_option("--cache", options.cache, "folder that keeps Hermite coefficients; \"\": none")
      ->capture_default_str();
  add_enclosing(gram, options);

  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return fmt::format("overproof: {} (--help lists what there is)\n", overproof::one_line(error.what()));
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (options.threads > 0) openblas_set_num_threads(options.threads);
  overproof::set_default_threads(options.threads);
  overproof::check_floating_point();
  const int code = check.parsed()     ? overproof::check(options)
                   : train.parsed()   ? overproof::train_suite(options)
                   : verify.parsed()  ? overproof::verify_runs(options)
                   : report.parsed()  ? overproof::render_again(options)
                   : certify.parsed() ? overproof::certify_run(options)
                   : width.parsed()   ? overproof::find_width(options)
                   : recheck.parsed() ? overproof::recheck_certificate(options)
                   : eigen.parsed()   ? overproof::enclose_spectrum(options)
                   : gram.parsed()    ? overproof::enclose_population(options)
                                      : overproof::list_theorems(options);
  if (!std::cout.flush()) throw overproof::InputError("standard output cannot be written");
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const auto say = [](const std::string& text) {
    std::cerr << "overproof: " << overproof::one_line(text) << "\n";
    return 2;
  };
  try {
    return run(argc, argv);
  } catch (const overproof::InputError& error) {
    return say(error.what());
  } catch (const std::bad_alloc&) {
    return say("there is not enough memory");
  } catch (const std::exception& error) {
    return say(std::string("internal error: ") + error.what());
  }
}
