/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/** Python's slice: bounds and step, each a number or null. */
record SliceKey(Object start, Object stop, Object step) {}
