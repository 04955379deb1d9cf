// Functions that are compiled for several processors.
#pragma once

// PERENNIAL_CLONES: compiled once for any x86-64 and once for AVX2 (with its bit counts), chosen
// when the program starts. Sanitizers intercept that choice too late, so they take the plain
// version.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(PERENNIAL_SANITIZED)
#define PERENNIAL_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define PERENNIAL_CLONES
#endif
