#!/usr/bin/perl
# oracle.pl [-a] DIR... - the leak oracle: searches every value of planted.jsonl
# in every file below DIR (quarantine/ and traces/ excepted), raw, JSON-escaped,
# percent-encoded, HTML-escaped, in base64 at all three alignments, and in
# joined tokens; and every look-alike of lookalikes.jsonl in the files that its
# language's records went to (paths with tg-uk for en, tg-fr for fr, else all).
#
# -a turns it round, as its own test: over the raw traces every value must be
# found.
#
# Exit: 0 no hit and no look-alike lost, 1 otherwise or nothing examined.
use strict;
use warnings;

my $all = @ARGV && $ARGV[0] eq '-a' ? shift @ARGV : '';
@ARGV or die "usage: oracle.pl [-a] DIR...\n";
(my $demo = $0) =~ s{/?[^/]*$}{};
$demo = '.' if $demo eq '';

# "key":"value" of a line of our own files: no member has an escape but \".
sub rows {
	my ($file) = @_;
	my @rows;
	open(my $f, '<:raw', $file) or die "$file: $!\n";
	while (my $line = <$f>) {
		my %row;
		while ($line =~ /"(\w+)":"((?:[^"\\]|\\.)*)"/g) {
			my ($k, $v) = ($1, $2);
			$v =~ s/\\(["\\\/])/$1/g;
			$row{$k} = $v;
		}
		push @rows, \%row;
	}
	close($f);
	return @rows;
}

# The base64 of bytes, without line ends and padding.
sub base64 {
	my ($bytes) = @_;
	my $out = '';
	while ($bytes =~ /(.{1,45})/gs) {
		my $line = substr(pack('u', $1), 1, -1);
		$line =~ tr{`!-_}{AB-Za-z0-9+/};
		my $keep = int((length($1) * 8 + 5) / 6);
		$out .= substr($line, 0, $keep);
	}
	return $out;
}

sub forms {
	my ($v) = @_;
	my %form = (raw => $v);
	my $text = $v;
	utf8::decode($text);
	$form{escaped} = join('', map {
		my $c = ord;
		$_ eq '"' || $_ eq '\\' ? "\\$_"
		    : $c < 0x20 || $c > 0x7e
		    ? ($c > 0xffff
			? sprintf('\\u%04x\\u%04x', 0xd800 + (($c - 0x10000) >> 10),
			    0xdc00 + (($c - 0x10000) & 0x3ff))
			: sprintf('\\u%04x', $c))
		    : $_
	} split(//, $text));
	($form{upper} = $form{escaped}) =~ s/\\u([0-9a-f]{4})/'\\u' . uc($1)/ge;
	($form{percent} = $v) =~ s/([^A-Za-z0-9._~-])/sprintf('%%%02X', ord($1))/ge;
	($form{html} = $v) =~ s/&/&amp;/g;
	$form{html} =~ s/</&lt;/g;
	# What other bytes stand before decides the letters: three alignments,
	# without the letters that share bits with the neighbours.
	for my $k (0 .. 2) {
		my $b = substr(base64(("\0" x $k) . $v), (0, 2, 3)[$k]);
		$b = substr($b, 0, length($b) - 2) if length($b) > 2;
		$form{"base64-$k"} = $b if length($b) >= 8;
	}
	return %form;
}

# The strings of every array of strings, joined: a value cut over tokens.
sub joined {
	my ($bytes) = @_;
	my $out = '';
	while ($bytes =~ /\[\s*("(?:[^"\\]|\\.)*"(?:\s*,\s*"(?:[^"\\]|\\.)*")+)\s*\]/g) {
		my $list = $1;
		my $text = '';
		while ($list =~ /"((?:[^"\\]|\\.)*)"/g) {
			$text .= $1;
		}
		$text =~ s/\xe2\x96\x81|\xc4\xa0/ /g;
		$out .= "$text\n";
	}
	return $out;
}

my @planted = rows("$demo/planted.jsonl");
my @stay = rows("$demo/lookalikes.jsonl");
my %file;

# Every file below @_, with its joined tokens behind it.
sub take {
	for my $path (@_) {
		next if $path =~ m{/quarantine$} || (!$all && $path =~ m{/traces$});
		if (-d $path && !-l $path) {
			opendir(my $d, $path) or die "$path: $!\n";
			take(map { "$path/$_" } grep { !/^\.\.?$/ } readdir($d));
			next;
		}
		next unless -f $path;
		open(my $f, '<:raw', $path) or die "$path: $!\n";
		local $/;
		my $bytes = <$f> // '';
		# A name of a file can betray as well.
		$file{$path} = "$path\n$bytes\n" . joined($bytes);
	}
}

take(@ARGV);

my ($hits, $lost, $searched, %seen) = (0, 0, 0);
for my $row (@planted) {
	my %form = forms($row->{value});
	for my $name (sort keys %file) {
		$searched++;
		my ($how) = grep { index($file{$name}, $form{$_}) >= 0 } sort keys %form;
		next unless defined $how;
		$seen{$row->{value}} = 1;
		next if $all;
		$hits++;
		print "LEAK $row->{type} of $row->{where} ($how) in $name\n";
	}
	# Only what stands there as it is: not what a reader makes of it.
	if ($all && !$seen{$row->{value}} && $row->{form} eq 'written') {
		$lost++;
		print "not found: $row->{type} $row->{value} of $row->{where}\n";
	}
}
for my $row (@stay) {
	my $tag = $row->{where} =~ m{/en/} ? 'tg-uk' : 'tg-fr';
	my @in = grep { /\Q$tag\E/ } keys %file;
	@in = keys %file unless @in;
	next if grep { index($file{$_}, $row->{value}) >= 0 } @in;
	$lost++;
	print "LOST $row->{value} of $row->{where}\n";
}
printf("%d values, %d look-alikes, %d files, %d searches: %d hits, %d lost\n",
    scalar @planted, scalar @stay, scalar keys %file, $searched, $hits, $lost);
exit(@planted && @stay && %file && !$hits && !$lost ? 0 : 1);
