# overproof_embed(TARGET NAME GLOB...): the files as strings in the binary. Generates <embedded_NAME.h> with
#   std::span<const EmbeddedFile> embedded_NAME();   EmbeddedFile{std::string_view name, text}
# One dependency per file: touching a file rebuilds only its generated source.
function(overproof_embed target name)
  set(patterns ${ARGN})
  list(TRANSFORM patterns PREPEND ${PROJECT_SOURCE_DIR}/)
  file(GLOB files CONFIGURE_DEPENDS ${patterns})
  set(output ${PROJECT_BINARY_DIR}/embedded/embedded_${name})
  add_custom_command(OUTPUT ${output}.cpp ${output}.h
    COMMAND ${CMAKE_COMMAND} "-DFILES=${files}" -DNAME=${name} -DOUTPUT=${output}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_script.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed_script.cmake VERBATIM)
  target_sources(${target} PRIVATE ${output}.cpp ${output}.h)
  target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/embedded)
endfunction()
