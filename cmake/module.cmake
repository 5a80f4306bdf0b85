# overproof_sources(TARGET FOLDER): every .cpp of the folder, headers found from the repository root.
function(overproof_sources target folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  target_sources(${target} PRIVATE ${sources})
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:overproof_flags>)
endfunction()

# overproof_module(NAME USES ...): the library overproof_NAME from the folder NAME, which may include only the modules it uses.
function(overproof_module name)
  cmake_parse_arguments(arg "" "" "USES" ${ARGN})
  add_library(overproof_${name} STATIC)
  add_library(overproof::${name} ALIAS overproof_${name})
  set_target_properties(overproof_${name} PROPERTIES EXPORT_NAME ${name})
  overproof_sources(overproof_${name} ${name})
  # The headers need both of whoever includes them: C++20, and arithmetic as it is written.
  target_compile_features(overproof_${name} PUBLIC cxx_std_20)
  target_compile_options(overproof_${name} PUBLIC -ffp-contract=off)
  target_include_directories(overproof_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                             $<INSTALL_INTERFACE:include/overproof>)
  foreach(used IN LISTS arg_USES)
    target_link_libraries(overproof_${name} PUBLIC overproof_${used})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY OVERPROOF_MODULES ${name})
  string(REPLACE ";" " " arrow "${arg_USES}")
  set_property(GLOBAL APPEND_STRING PROPERTY OVERPROOF_ARROWS "${name}: ${arrow}\n")
endfunction()

# overproof_hash_sources(FILE NAME SOURCES...): NAME is a hash of the sources, as a string, for that file. Configures again when
# they change.
function(overproof_hash_sources file name)
  set(hashes "")
  foreach(source IN LISTS ARGN)
    file(SHA256 ${PROJECT_SOURCE_DIR}/${source} hash)
    string(APPEND hashes "${hash}\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${source})
  endforeach()
  string(SHA256 hash "${hashes}")
  set_source_files_properties(${PROJECT_SOURCE_DIR}/${file} PROPERTIES COMPILE_DEFINITIONS "${name}=\"${hash}\"")
endfunction()
