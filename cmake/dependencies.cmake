# Debian's packages only; nothing is downloaded at configure time. scripts/install-deps.sh installs them.
find_package(Eigen3 3.3 REQUIRED NO_MODULE)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)

find_library(MPFI_LIBRARY mpfi REQUIRED)
find_library(MPFR_LIBRARY mpfr REQUIRED)
find_library(GMP_LIBRARY gmp REQUIRED)
find_path(MPFI_INCLUDE_DIR mpfi.h REQUIRED)
add_library(MPFI::mpfi INTERFACE IMPORTED)
target_include_directories(MPFI::mpfi INTERFACE ${MPFI_INCLUDE_DIR})
target_link_libraries(MPFI::mpfi INTERFACE ${MPFI_LIBRARY} ${MPFR_LIBRARY} ${GMP_LIBRARY})

find_path(SPECTRA_INCLUDE_DIR Spectra/SymEigsSolver.h REQUIRED)
add_library(Spectra::Spectra INTERFACE IMPORTED)
target_include_directories(Spectra::Spectra INTERFACE ${SPECTRA_INCLUDE_DIR})

# Arb, which Debian 12 has apart from FLINT.
find_library(ARB_LIBRARY flint-arb REQUIRED)
find_library(FLINT_LIBRARY flint REQUIRED)
find_path(ARB_INCLUDE_DIR arb.h REQUIRED)
add_library(FLINT::arb INTERFACE IMPORTED)
target_include_directories(FLINT::arb INTERFACE ${ARB_INCLUDE_DIR})
target_link_libraries(FLINT::arb INTERFACE ${ARB_LIBRARY} ${FLINT_LIBRARY} ${MPFR_LIBRARY} ${GMP_LIBRARY})

# OpenBLAS dispatches on the CPU, so the binary stays portable. Eigen hands its products to it.
find_library(OPENBLAS_LIBRARY openblas REQUIRED)
find_path(OPENBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas x86_64-linux-gnu openblas-pthread
          x86_64-linux-gnu/openblas-pthread REQUIRED)
find_library(LAPACKE_LIBRARY lapacke REQUIRED)
if(NOT overproof_imported_only)
  add_library(overproof_blas INTERFACE)
  add_library(overproof::blas ALIAS overproof_blas)
  set_target_properties(overproof_blas PROPERTIES EXPORT_NAME blas)
  target_include_directories(overproof_blas SYSTEM INTERFACE ${OPENBLAS_INCLUDE_DIR})
  target_link_libraries(overproof_blas INTERFACE ${OPENBLAS_LIBRARY} Threads::Threads)
  target_compile_definitions(overproof_blas INTERFACE EIGEN_USE_BLAS)

  add_library(overproof_lapack INTERFACE)
  add_library(overproof::lapack ALIAS overproof_lapack)
  set_target_properties(overproof_lapack PROPERTIES EXPORT_NAME lapack)
  target_link_libraries(overproof_lapack INTERFACE ${LAPACKE_LIBRARY} overproof_blas)
endif()
