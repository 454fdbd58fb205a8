/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.jerolba.carpet.FieldMatchingStrategy;
import com.jerolba.carpet.impl.read.CarpetReadConfiguration;
import com.jerolba.carpet.impl.read.CarpetReadSupport;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.tlora.fault.InputFault;

/**
 * Which columns of a Parquet file are decoded: those that somebody wants and that can be.
 *
 * @param read the schema of those
 * @param leftOut the names of the others
 */
record ParquetColumns(MessageType read, List<String> leftOut) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Fields of a turn that stay where they are null: that a turn says nothing is said. */
  private static final Set<String> CONTENT = Set.of("content", "value");

  static ParquetColumns of(MessageType schema, Predicate<String> wanted) {
    List<Type> read = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    for (Type column : schema.getFields()) {
      if (wanted.test(column.getName()) && isReadable(column)) {
        read.add(column);
      } else {
        leftOut.add(column.getName());
      }
    }
    return new ParquetColumns(new MessageType(schema.getName(), read), List.copyOf(leftOut));
  }

  private static boolean isReadable(Type type) {
    if (type instanceof GroupType group) {
      return group.getFields().stream().allMatch(ParquetColumns::isReadable);
    }
    boolean half =
        type.getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
    return !half
        && type.asPrimitiveType().getPrimitiveTypeName() != PrimitiveType.PrimitiveTypeName.INT96;
  }

  /**
   * Requires a column.
   *
   * @throws InputFault if none is left
   */
  void requireSome(String file) {
    if (read.getFields().isEmpty()) {
      throw new InputFault(
          file
              + ": no known format has the columns "
              + String.join(", ", leftOut)
              + "; name them with `promptField` and `responseField`, `messagesField` or"
              + " `textField`");
    }
  }

  /** Reads rows of those columns alone. */
  @SuppressWarnings("rawtypes") // the library's way to ask for rows of any shape
  ParquetReader.Builder<Map> reader(InputFile file) {
    CarpetReadConfiguration how =
        new CarpetReadConfiguration(false, false, false, FieldMatchingStrategy.FIELD_NAME);
    return new ParquetReader.Builder<>(file) {
      @Override
      protected ReadSupport<Map> getReadSupport() {
        return new CarpetReadSupport<>(Map.class, how) {
          @Override
          public ReadContext init(InitContext context) {
            return super.init(
                new InitContext(
                    context.getParquetConfiguration(), context.getKeyValueMetadata(), read));
          }
        };
      }
    };
  }

  /** A row as JSON. Parquet stores what is not there as null, so null is taken for not there. */
  static ObjectNode json(Map<?, ?> row) {
    ObjectNode object = JSON.objectNode();
    for (Map.Entry<?, ?> e : row.entrySet()) {
      String name = String.valueOf(e.getKey());
      if (e.getValue() != null || CONTENT.contains(name)) {
        object.set(name, json(e.getValue()));
      }
    }
    return object;
  }

  private static JsonNode json(Object value) {
    if (value == null) {
      return JSON.nullNode();
    } else if (value instanceof Map<?, ?> map) {
      return json(map);
    } else if (value instanceof Collection<?> items) {
      ArrayNode array = JSON.arrayNode();
      items.forEach(i -> array.add(json(i)));
      return array;
    } else if (value instanceof Boolean b) {
      return JSON.booleanNode(b);
    } else if (value instanceof Double || value instanceof Float) {
      return JSON.numberNode(((Number) value).doubleValue());
    } else if (value instanceof BigDecimal d) {
      return JSON.numberNode(d);
    } else if (value instanceof BigInteger n) {
      return JSON.numberNode(n);
    } else if (value instanceof Number n) {
      return JSON.numberNode(n.longValue());
    } else if (value instanceof Binary bytes) {
      return text(bytes.toByteBuffer());
    } else if (value instanceof byte[] bytes) {
      return text(ByteBuffer.wrap(bytes));
    }
    return JSON.textNode(value.toString()); // texts; times, as ISO 8601 writes them
  }

  /** Some writers do not say that bytes are a text. */
  private static JsonNode text(ByteBuffer bytes) {
    try {
      return JSON.textNode(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
    } catch (CharacterCodingException e) {
      throw new InputFault("a column of bytes is no UTF-8 text", e);
    }
  }
}
