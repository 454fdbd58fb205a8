/* SPDX-License-Identifier: Apache-2.0 */
/** Tasks, graders, the sandbox, the judge, and comparisons of methods. */
@SuppressWarnings("module") // the module that it names depends on it, and is compiled later
module org.tlora.evaluate {
  requires transitive org.tlora.core;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.csv;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires hipparchus.core;
  requires hipparchus.stat;
  requires java.net.http;

  // what tasks and graders of your own are made of
  exports org.tlora.evaluate.task;

  // what this project's other modules are made of
  exports org.tlora.evaluate to
      org.tlora;
  exports org.tlora.compare to
      org.tlora;
}
