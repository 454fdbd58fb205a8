/* SPDX-License-Identifier: Apache-2.0 */
/** Models and adapters behind OpenAI's HTTP API: {@link org.tlora.serve.Server}. */
module org.tlora.serve {
  requires transitive org.tlora;
  requires com.fasterxml.jackson.databind;
  requires io.prometheus.metrics.core;
  requires io.prometheus.writer.text;
  requires io.prometheus.metrics.model;
  requires java.sql;
  requires jdk.httpserver;
  requires org.apache.commons.fileupload2.core;
  requires org.xerial.sqlitejdbc;

  exports org.tlora.serve;
}
