set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

add_library(overproof_flags INTERFACE)
# Every error bound counts roundings of IEEE arithmetic in round-to-nearest: nothing may reassociate. Contraction to
# FMA is kept off so that a seed gives the same numbers on every machine.
target_compile_options(overproof_flags INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow
                       -ffp-contract=off -fno-fast-math)
if(OVERPROOF_WERROR)
  target_compile_options(overproof_flags INTERFACE -Werror)
endif()
if(OVERPROOF_NATIVE)
  target_compile_options(overproof_flags INTERFACE -march=native)
endif()
if(OVERPROOF_SANITIZE)
  target_compile_options(overproof_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                         -fno-omit-frame-pointer)
  target_link_options(overproof_flags INTERFACE -fsanitize=address,undefined)
endif()
