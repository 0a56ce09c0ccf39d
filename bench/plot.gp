# SPDX-License-Identifier: GPL-2.0
# plot.gp DATA SVG TITLE: bars for each row of DATA, one for each of its columns.
set terminal svg size 960,420 dynamic background rgb "white"
set output ARG2
set title ARG3
set datafile separator "\t"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 border -1
set key outside right top
set grid ytics
set yrange [0:*]
set xtics rotate by -35
plot for [column = 2:*] ARG1 using column:xtic(1) title columnheader(column)
