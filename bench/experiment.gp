# SPDX-License-Identifier: GPL-2.0
# experiment.gp DATA SVG TITLE XLABEL YLABEL LINES: a line for each column but the first.
set terminal svg size 960,420 dynamic background rgb "white"
set output ARG2
set title ARG3
set xlabel ARG4
set ylabel ARG5
set datafile separator "\t"
set key outside right top
set grid
set yrange [0:*]
plot for [column = 2:ARG6 + 1] ARG1 using 0:column:xtic(1) with linespoints \
	title columnheader(column)
