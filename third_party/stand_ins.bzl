"""What Bazel 4.2.3 expects to download, supplied locally instead."""

load("@bazel_tools//tools/cpp:cc_configure.bzl", "cc_autoconf_impl")

_RULES_CC = '''"""The native C++ rules under the name that Bazel's own tools load them by."""

%s
'''

_CC_RULES = [
    "cc_binary",
    "cc_import",
    "cc_library",
    "cc_proto_library",
    "cc_test",
    "cc_toolchain",
    "cc_toolchain_suite",
    "objc_library",
]

def _rules_cc_impl(repository_ctx):
    # Debian's bazel-rules-cc is too new for Debian's Bazel.
    rules = ["%s = native.%s" % (rule, rule) for rule in _CC_RULES]
    repository_ctx.file("BUILD")
    repository_ctx.file("cc/BUILD")
    repository_ctx.file("cc/defs.bzl", _RULES_CC % "\n".join(rules))

rules_cc = repository_rule(implementation = _rules_cc_impl)

_COVERAGE_TOOLS = """
filegroup(
    name = "coverage_report_generator",
    visibility = ["//visibility:public"],
)

filegroup(
    name = "lcov_merger",
    visibility = ["//visibility:public"],
)
"""

def _remote_coverage_tools_impl(repository_ctx):
    # Every cc_test names these, and only `bazel coverage` runs them.
    repository_ctx.file("BUILD", _COVERAGE_TOOLS)

remote_coverage_tools = repository_rule(implementation = _remote_coverage_tools_impl)

def _clang_toolchain_impl(repository_ctx):
    clang = repository_ctx.which("clang-14") or repository_ctx.which("clang")
    if not clang:
        fail("--config=clang needs clang: sudo apt-get install clang")
    cc_autoconf_impl(repository_ctx, {"gcc": str(clang)})

# A second C++ toolchain beside the default one. Choosing it by flag, rather than
# by CC in the environment, keeps both analysed and both outputs on disk.
clang_toolchain = repository_rule(
    implementation = _clang_toolchain_impl,
    configure = True,
    environ = ["PATH"],
)
