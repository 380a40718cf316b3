/*
 * inversion.h - the result of the inversion test, tests/unit/pipeline/
 * inversion_test.c, which fails when it is another one; the evidence quotes it.
 * It is a test of this program on a small transformer with random weights, made
 * in the test: it says nothing about any model that is in use.
 */
#ifndef TG_PIPELINE_INVERSION_H
#define TG_PIPELINE_INVERSION_H

#define TG_INVERSION_TRIALS 50
/* Names recovered by an attacker with the weights from what leaves under
 * drop_from_span_on. */
#define TG_INVERSION_FROM_SPAN 0
/* And at least so many from what leaves under drop_span_rows. */
#define TG_INVERSION_SPAN_ROWS 45

#endif
