/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.tlora.LanguageModel;
import org.tlora.RowReading;
import org.tlora.RowsPreview;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.api.JobBody;
import org.tlora.serve.api.Listing;
import org.tlora.serve.http.Exchange;
import org.tlora.serve.http.MultipartForm;
import org.tlora.serve.http.Routes;
import org.tlora.serve.job.Jobs;
import org.tlora.serve.store.FileStore;
import org.tlora.serve.store.StoredFile;

/** Files and jobs of fine-tuning, as OpenAI's API has them. */
final class FineTuningEndpoints {
  private static final String GET = "GET";
  private static final String POST = "POST";
  private static final String FILES = "/v1/files";
  private static final String FILE = FILES + "/{id}";
  private static final String JOBS = "/v1/fine_tuning/jobs";
  private static final String JOB = JOBS + "/{id}";
  private static final int USUAL_CUTOFF = 512;
  private static final int MOST_ROWS = 100;

  /** What a form has beside its file. */
  private static final long ROOM = 1 << 20;

  private final LanguageModel model;
  private final FileStore files;
  private final Jobs jobs;
  private final Requests requests;
  private final long mostFileBytes;

  FineTuningEndpoints(
      LanguageModel model, FileStore files, Jobs jobs, Requests requests, long mostFileBytes) {
    this.model = model;
    this.files = files;
    this.jobs = jobs;
    this.requests = requests;
    this.mostFileBytes = mostFileBytes;
  }

  void addTo(Routes routes) {
    routes.on(GET, FILES, (e, id) -> Replies.send(e, list(e)));
    routes.on(POST, FILES, (e, id) -> Replies.send(e, upload(e)));
    routes.on(GET, FILE, (e, id) -> Replies.send(e, answer(find(id))));
    routes.on("DELETE", FILE, (e, id) -> Replies.send(e, delete(find(id))));
    routes.on(GET, FILE + "/content", (e, id) -> content(e, find(id)));
    routes.on(GET, FILE + "/preview", (e, id) -> Replies.send(e, preview(e, find(id))));
    routes.on(POST, JOBS, (e, id) -> Replies.send(e, jobs.create(JobBody.of(requests.json(e)))));
    routes.on(GET, JOBS, (e, id) -> Replies.send(e, jobs.list(listing(e))));
    routes.on(GET, JOB, (e, id) -> Replies.send(e, jobs.get(id)));
    routes.on(POST, JOB + "/cancel", (e, id) -> Replies.send(e, jobs.cancel(id)));
    routes.on(POST, JOB + "/pause", (e, id) -> Replies.send(e, jobs.pause(id)));
    routes.on(POST, JOB + "/resume", (e, id) -> Replies.send(e, jobs.resume(id)));
    routes.on(GET, JOB + "/events", (e, id) -> Replies.send(e, jobs.events(id, listing(e))));
    routes.on(
        GET, JOB + "/checkpoints", (e, id) -> Replies.send(e, jobs.checkpoints(id, listing(e))));
    routes.on(GET, JOB + "/report", (e, id) -> report(e, id));
    routes.on("DELETE", "/v1/models/{id}", (e, id) -> Replies.send(e, deleteModel(id)));
  }

  private static Listing listing(Exchange exchange) {
    return new Listing(exchange.query());
  }

  private StoredFile find(String id) {
    return files
        .find(id)
        .orElseThrow(
            () -> ApiException.notFound("file_id", "not_found", "there is no file '" + id + "'"));
  }

  private ObjectNode list(Exchange exchange) {
    Listing listing = listing(exchange);
    String purpose = listing.text("purpose");
    List<ObjectNode> all = files.all().stream().map(FineTuningEndpoints::answer).toList();
    return listing.page(all, f -> purpose == null || purpose.equals(f.path("purpose").asText()));
  }

  private static ObjectNode answer(StoredFile file) {
    return Json.object()
        .put("id", file.id())
        .put("object", "file")
        .put("bytes", file.bytes())
        .put("created_at", file.createdAt())
        .put("filename", file.filename())
        .put("purpose", file.purpose())
        .put("status", "processed")
        .putNull("status_details");
  }

  private ObjectNode upload(Exchange exchange) throws IOException {
    Requests.requireType(exchange, "multipart/form-data");
    Requests.requireLength(exchange, mostFileBytes + ROOM);
    Upload upload = new Upload();
    try {
      MultipartForm.read(exchange, upload);
    } catch (IOException e) {
      upload.takeBack();
      throw ApiException.invalid(null, "the form cannot be read: " + e.getMessage());
    } catch (RuntimeException e) {
      upload.takeBack();
      throw e;
    }
    return answer(upload.done());
  }

  /** A file that comes, and its purpose before or behind it. */
  private final class Upload implements MultipartForm.Parts {
    private String purpose;
    private StoredFile file;

    @Override
    public void field(String name, String value) {
      if (name.equals("purpose")) {
        purpose = value;
      } else if (name.startsWith("expires_after")) {
        throw ApiException.unsupported(name, "'" + name + "' is not there: files stay");
      }
    }

    @Override
    public void file(String name, String filename, InputStream content) throws IOException {
      if (!name.equals("file") || file != null) {
        throw ApiException.invalid(name, "there must be one file, 'file'");
      }
      try {
        file = files.add(filename, Jobs.PURPOSE, content, mostFileBytes);
      } catch (FileStore.TooLarge e) {
        throw Requests.tooLarge(mostFileBytes);
      }
    }

    StoredFile done() {
      if (file == null || !Jobs.PURPOSE.equals(purpose)) {
        takeBack();
        throw file == null
            ? ApiException.invalid("file", "'file' is missing")
            : ApiException.invalid("purpose", "'purpose' must be " + Jobs.PURPOSE);
      }
      return file;
    }

    void takeBack() {
      if (file != null) {
        files.delete(file);
      }
    }
  }

  private ObjectNode delete(StoredFile file) {
    files.delete(file);
    return Json.object().put("id", file.id()).put("object", "file").put("deleted", true);
  }

  private void content(Exchange exchange, StoredFile file) throws IOException {
    Replies.file(exchange, files.path(file), Map.of("Content-Type", "application/octet-stream"));
  }

  /** Rows as training would see them. */
  private ObjectNode preview(Exchange exchange, StoredFile file) {
    Listing query = listing(exchange);
    String template = query.text("template");
    RowsPreview preview;
    try {
      preview =
          model.preview(
              files.path(file),
              RowReading.automatic(),
              template == null ? FineTuningOptions.template(model) : template,
              query.number("cutoff_length", USUAL_CUTOFF, 1 << 20),
              query.number("rows", 5, MOST_ROWS));
    } catch (InputFault e) { // where the server keeps files is nobody else's matter
      String said = e.getMessage().replace(files.path(file).toString(), file.filename());
      throw ApiException.invalid("file_id", said);
    }
    ObjectNode all = Json.object().put("object", "file.preview").put("file_id", file.id());
    ArrayNode rows = all.putArray("rows");
    for (RowsPreview.Row row : preview.rows()) {
      ObjectNode one = rows.addObject().put("row", row.number()).put("format", row.format());
      one.put("tokens", row.tokens()).put("learned", row.learned());
      ArrayNode parts = one.putArray("parts");
      row.parts().forEach(p -> parts.addObject().put("text", p.text()).put("learned", p.learned()));
    }
    ArrayNode notes = all.putArray("notes");
    preview.notes().forEach(notes::add);
    return all;
  }

  private void report(Exchange exchange, String id) throws IOException {
    String report =
        jobs.report(id)
            .orElseThrow(
                () ->
                    ApiException.notFound(
                        "fine_tuning_job_id", "not_found", "the job has no report yet"));
    exchange.answer(
        200,
        Map.of("Content-Type", "text/html; charset=utf-8", "X-Content-Type-Options", "nosniff"),
        report.getBytes(StandardCharsets.UTF_8));
  }

  private ObjectNode deleteModel(String name) {
    if (!jobs.delete(name)) {
      throw ApiException.notFound(
          "model", "model_not_found", "no job here has made a model '" + name + "'");
    }
    return Json.object().put("id", name).put("object", "model").put("deleted", true);
  }
}
