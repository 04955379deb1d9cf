# What every target of the house shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# -ffp-contract=off: the same doubles from every compiler and on every processor.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Werror
                    -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees an overlap in `"literal" + std::string(...)` where there is none (GCC bug 105651).
  add_compile_options(-Wno-restrict)
endif()
if(PERENNIAL_SANITIZE)
  add_compile_options(-fsanitize=${PERENNIAL_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PERENNIAL_SANITIZE})
  add_compile_definitions(PERENNIAL_SANITIZED=1)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's own note: this warning has false positives in instrumented code.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
find_program(PERENNIAL_CCACHE ccache)
if(PERENNIAL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PERENNIAL_CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)

foreach(file include/duckdb.h lib/libduckdb.so)
  if(NOT EXISTS ${PERENNIAL_DUCKDB_DIR}/${file})
    message(FATAL_ERROR "DuckDB is missing: no ${file} in ${PERENNIAL_DUCKDB_DIR}. "
      "Run `make setup`, or set PERENNIAL_DUCKDB_DIR to a folder that has it.")
  endif()
endforeach()
# Loaded when the first query comes (src/table/duckdb_library.h), so only its header is used here.
add_library(duckdb INTERFACE IMPORTED)
set_target_properties(duckdb PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES ${PERENNIAL_DUCKDB_DIR}/include
  INTERFACE_LINK_LIBRARIES "${CMAKE_DL_LIBS}")
# Run from the build folder and after install (bin/perennial beside lib/libduckdb.so).
set(CMAKE_BUILD_RPATH ${PERENNIAL_DUCKDB_DIR}/lib)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")

if(PERENNIAL_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
  # The only object that knows where the checkout is (src/base/test_places.h).
  configure_file(${CMAKE_SOURCE_DIR}/src/base/test_places.cc.in ${CMAKE_BINARY_DIR}/places.cc @ONLY)
  add_library(perennial_places STATIC ${CMAKE_BINARY_DIR}/places.cc)
  target_include_directories(perennial_places PUBLIC ${CMAKE_SOURCE_DIR}/src)
endif()

# perennial_test(<program> <tier> SOURCES <files>... LIBRARIES <libraries>...)
# One GoogleTest program, one line in ctest, labelled with its tier (quick or slow).
function(perennial_test program tier)
  cmake_parse_arguments(TEST "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${program} ${TEST_SOURCES})
  target_link_libraries(${program} PRIVATE ${TEST_LIBRARIES} perennial_places GTest::gtest GTest::gtest_main)
  add_test(NAME ${program} COMMAND ${program} --gtest_brief=1
    --gtest_output=xml:${CMAKE_BINARY_DIR}/test-results/${program}.xml)
  set_tests_properties(${program} PROPERTIES LABELS ${tier} TIMEOUT 900 ENVIRONMENT
    "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp;LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
endfunction()

# perennial_room(<room> [DEPENDS <rooms it may include>...] [LIBRARIES <libraries>...]
#                [TEST_LIBRARIES <libraries>...])
# Sources: every .cc of the room's folder. *_test.cc become the program <room>_test (quick),
# *_slow_test.cc the program <room>_slow_test (slow).
function(perennial_room room)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES;TEST_LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(slow_tests ${tests})
  list(FILTER tests EXCLUDE REGEX "_slow_test\\.cc$")
  list(FILTER slow_tests INCLUDE REGEX "_slow_test\\.cc$")
  set(needs ${ROOM_DEPENDS})
  list(TRANSFORM needs PREPEND perennial_)
  if(NOT sources)  # declared, not built yet
    add_library(perennial_${room} INTERFACE)
    target_include_directories(perennial_${room} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(perennial_${room} INTERFACE ${needs} ${ROOM_LIBRARIES})
    return()
  endif()
  add_library(perennial_${room} STATIC ${sources})
  target_include_directories(perennial_${room} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(perennial_${room} PUBLIC ${needs} ${ROOM_LIBRARIES})
  if(PERENNIAL_TESTS AND tests)
    perennial_test(${room}_test quick SOURCES ${tests}
                   LIBRARIES perennial_${room} ${ROOM_TEST_LIBRARIES})
  endif()
  if(PERENNIAL_TESTS AND slow_tests)
    perennial_test(${room}_slow_test slow SOURCES ${slow_tests}
                   LIBRARIES perennial_${room} ${ROOM_TEST_LIBRARIES})
  endif()
endfunction()
