/* One copy of a loop for every generation of processors, chosen when the library is loaded. */

#ifndef FOR_EACH_PROCESSOR
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#endif
