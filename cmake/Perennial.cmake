# What every target of the house shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# -ffp-contract=off: the same doubles from every compiler and on every processor.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror
                    -ffp-contract=off)
if(PERENNIAL_SANITIZE)
  add_compile_options(-fsanitize=${PERENNIAL_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PERENNIAL_SANITIZE})
  add_compile_definitions(PERENNIAL_SANITIZED=1)
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

add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION ${PERENNIAL_DUCKDB_DIR}/lib/libduckdb.so
  INTERFACE_INCLUDE_DIRECTORIES ${PERENNIAL_DUCKDB_DIR}/include)
# Run from the build folder and after install (bin/perennial beside lib/libduckdb.so).
set(CMAKE_BUILD_RPATH ${PERENNIAL_DUCKDB_DIR}/lib)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")

if(PERENNIAL_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# perennial_room(<room> [DEPENDS <rooms it may include>...] [LIBRARIES <libraries>...])
# Sources: every .cc of the room's folder but *_test.cc, which become the program <room>_test.
function(perennial_room room)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(needs ${ROOM_DEPENDS})
  list(TRANSFORM needs PREPEND perennial_)
  if(NOT sources)  # declared, not built yet
    add_library(perennial_${room} INTERFACE)
    target_link_libraries(perennial_${room} INTERFACE ${needs} ${ROOM_LIBRARIES})
    return()
  endif()
  add_library(perennial_${room} STATIC ${sources})
  target_include_directories(perennial_${room} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(perennial_${room} PUBLIC ${needs} ${ROOM_LIBRARIES})
  if(PERENNIAL_TESTS AND tests)
    add_executable(${room}_test ${tests})
    target_link_libraries(${room}_test PRIVATE perennial_${room} GTest::gtest GTest::gtest_main)
    target_compile_definitions(${room}_test PRIVATE
      PERENNIAL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    gtest_discover_tests(${room}_test DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
  endif()
endfunction()
